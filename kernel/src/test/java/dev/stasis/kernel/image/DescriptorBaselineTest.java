// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.ImgStreamerProto;
import dev.stasis.spi.image.criu.RpcProto;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Images written today must be readable for ever: messages only gain optional or repeated fields.
 *
 * <p>After a change that only adds, write the baseline anew and commit it with the change:
 * {@code mvn -pl spi,kernel test -Dtest=DescriptorBaselineTest -Dstasis.baseline=write
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
class DescriptorBaselineTest {
    private static final String NAME = "images-baseline.pb";

    private static FileDescriptorSet current() throws Exception {
        TreeMap<String, FileDescriptorProto> files = new TreeMap<>();
        for (ImageType<? extends Message> type : Samples.types()) {
            Message empty = type.parser().parsePartialFrom(new byte[0]);
            collect(empty.getDescriptorForType().getFile(), files);
        }
        collect(RpcProto.getDescriptor(), files);
        collect(ImgStreamerProto.getDescriptor(), files);
        collect(ManifestProto.getDescriptor(), files);
        collect(ImageHeadProto.getDescriptor(), files);
        return FileDescriptorSet.newBuilder().addAllFile(files.values()).build();
    }

    private static void collect(FileDescriptor file, Map<String, FileDescriptorProto> files) {
        if (!file.getPackage().startsWith("google.") && files.put(file.getName(), file.toProto()) == null) {
            file.getDependencies().forEach(dependency -> collect(dependency, files));
        }
    }

    private static FileDescriptorSet baseline() throws Exception {
        try (InputStream resource = DescriptorBaselineTest.class.getResourceAsStream(NAME)) {
            return resource == null ? FileDescriptorSet.getDefaultInstance() : FileDescriptorSet.parseFrom(resource);
        }
    }

    @Test
    void nothingIsTakenAwayOrChanged() throws Exception {
        Map<String, DescriptorProto> messages = new HashMap<>();
        Map<String, EnumDescriptorProto> enums = new HashMap<>();
        flatten(current(), messages, enums);
        Map<String, DescriptorProto> oldMessages = new TreeMap<>();
        Map<String, EnumDescriptorProto> oldEnums = new TreeMap<>();
        flatten(baseline(), oldMessages, oldEnums);
        List<String> breaks = new ArrayList<>();
        oldMessages.forEach((name, old) -> compare(name, old, messages.get(name), breaks));
        oldEnums.forEach((name, old) -> compare(name, old, enums.get(name), breaks));
        assertEquals(List.of(), breaks);
    }

    @Test
    void baselineIsUpToDate() throws Exception {
        if ("write".equals(System.getProperty("stasis.baseline"))) {
            nothingIsTakenAwayOrChanged();
            Path resource = Path.of("src/test/resources")
                    .resolve(DescriptorBaselineTest.class.getPackageName().replace('.', '/'))
                    .resolve(NAME);
            Files.write(resource, current().toByteArray());
            return;
        }
        assertTrue(
                current().equals(baseline()),
                "messages have been added to: see the comment of this class for how to write the baseline anew");
    }

    private static void flatten(
            FileDescriptorSet set, Map<String, DescriptorProto> messages, Map<String, EnumDescriptorProto> enums) {
        for (FileDescriptorProto file : set.getFileList()) {
            file.getEnumTypeList().forEach(type -> enums.put(file.getPackage() + '.' + type.getName(), type));
            file.getMessageTypeList().forEach(type -> flatten(file.getPackage(), type, messages, enums));
        }
    }

    private static void flatten(
            String scope,
            DescriptorProto message,
            Map<String, DescriptorProto> messages,
            Map<String, EnumDescriptorProto> enums) {
        String name = scope + '.' + message.getName();
        messages.put(name, message);
        message.getEnumTypeList().forEach(type -> enums.put(name + '.' + type.getName(), type));
        message.getNestedTypeList().forEach(type -> flatten(name, type, messages, enums));
    }

    private static void compare(String name, DescriptorProto old, DescriptorProto now, List<String> breaks) {
        if (now == null) {
            breaks.add("message " + name + " is gone");
            return;
        }
        Map<Integer, FieldDescriptorProto> fields = new HashMap<>();
        now.getFieldList().forEach(field -> fields.put(field.getNumber(), field));
        for (FieldDescriptorProto field : old.getFieldList()) {
            FieldDescriptorProto found = fields.remove(field.getNumber());
            // How a field is shown may change, what it is may not.
            if (found == null
                    || !found.toBuilder()
                            .clearOptions()
                            .build()
                            .equals(field.toBuilder().clearOptions().build())) {
                breaks.add("field " + field.getNumber() + " of " + name + " was " + field.getName() + ", is " + found);
            }
        }
        for (FieldDescriptorProto added : fields.values()) {
            if (added.getLabel() == FieldDescriptorProto.Label.LABEL_REQUIRED) {
                breaks.add("new field " + added.getName() + " of " + name + " is required: old images lack it");
            }
        }
    }

    private static void compare(String name, EnumDescriptorProto old, EnumDescriptorProto now, List<String> breaks) {
        if (now == null) {
            breaks.add("enum " + name + " is gone");
            return;
        }
        for (EnumValueDescriptorProto value : old.getValueList()) {
            if (!now.getValueList().contains(value)) {
                breaks.add("constant " + value.getName() + " of " + name + " is gone or changed");
            }
        }
    }
}
