// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.stasis.spi.image.criu.OptsProto;
import dev.stasis.spi.image.criu.ShowOptions;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Writes messages as JSON, with numbers shown as their fields' {@code show} options say. */
final class MessageJson {
    private final JsonGenerator json;
    private final Map<FieldDescriptor, ShowOptions> options = new IdentityHashMap<>();

    MessageJson(JsonGenerator json) {
        this.json = json;
    }

    /** Writes the message's fields into the object that has been started. */
    void fields(Message message) throws IOException {
        fields(message, false);
    }

    private void fields(Message message, boolean hex) throws IOException {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            json.writeFieldName(field.getName());
            ShowOptions show = show(field);
            // On a message the option holds for every number in it: registers are shown so.
            boolean inHex = hex || show.getHex();
            if (!field.isRepeated()) {
                value(field, show, inHex, entry.getValue());
                continue;
            }
            List<?> values = (List<?>) entry.getValue();
            json.writeStartArray();
            if (show.getIpadd() && (values.size() == 1 || values.size() == 4)) {
                json.writeString(address(values));
            } else {
                for (Object value : values) {
                    value(field, show, inHex, value);
                }
            }
            json.writeEndArray();
        }
        unknown(message.getUnknownFields());
    }

    private ShowOptions show(FieldDescriptor field) {
        ShowOptions known = options.get(field);
        if (known == null) {
            known = field.getOptions().getExtension(OptsProto.show);
            options.put(field, known);
        }
        return known;
    }

    private void value(FieldDescriptor field, ShowOptions show, boolean hex, Object value) throws IOException {
        switch (field.getJavaType()) {
            case INT -> number(field, show, hex, integer(field, (Integer) value), (Integer) value);
            case LONG -> number(field, show, hex, (Long) value, (Long) value);
            case BOOLEAN -> json.writeBoolean((Boolean) value);
            case STRING -> json.writeString((String) value);
            case BYTE_STRING -> bytes(show, (ByteString) value);
            case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
            case MESSAGE -> {
                json.writeStartObject();
                fields((Message) value, hex);
                json.writeEndObject();
            }
            case FLOAT -> json.writeNumber((Float) value);
            case DOUBLE -> json.writeNumber((Double) value);
        }
    }

    private static long integer(FieldDescriptor field, int value) {
        boolean unsigned =
                field.getType() == FieldDescriptor.Type.UINT32 || field.getType() == FieldDescriptor.Type.FIXED32;
        return unsigned ? Integer.toUnsignedLong(value) : value;
    }

    private void number(FieldDescriptor field, ShowOptions show, boolean hex, long value, Number bits)
            throws IOException {
        if (hex) {
            long pattern = bits instanceof Integer ? Integer.toUnsignedLong((Integer) bits) : value;
            json.writeString("0x" + Long.toHexString(pattern));
            return;
        }
        if (show.hasFlags()) {
            json.writeString(ShowNames.flags(show.getFlags(), value));
            return;
        }
        if (show.getDev()) {
            json.writeString(device(value, show.getOdev()));
            return;
        }
        String word = show.hasDict() ? ShowNames.word(field.getName(), value) : null;
        if (word != null) {
            json.writeString(word);
        } else if (value < 0 && field.getType() == FieldDescriptor.Type.UINT64) {
            json.writeNumber(new BigInteger(Long.toUnsignedString(value)));
        } else {
            json.writeNumber(value);
        }
    }

    /**
     * A device number as {@code major:minor}.
     *
     * @param stat whether it is encoded as stat(2) does; otherwise as the kernel does inside, with 20 bits of minor
     */
    private static String device(long value, boolean stat) {
        return stat
                ? (value >>> 8 & 0xfff) + ":" + (value & 0xff | value >>> 12 & 0xfff00)
                : (value >>> 20) + ":" + (value & 0xfffff);
    }

    /** The words are the address in network order, read as little-endian numbers. */
    private static String address(List<?> words) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * words.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (Object word : words) {
            bytes.putInt((Integer) word);
        }
        return InetAddress.getByAddress(bytes.array()).getHostAddress();
    }

    private void bytes(ShowOptions show, ByteString value) throws IOException {
        if (show.getConv().equals("unix_name")) {
            // Abstract names begin with a zero byte, which ss(8) and /proc/net/unix show as @.
            String name = value.toString(StandardCharsets.ISO_8859_1);
            json.writeString(name.startsWith("\0") ? '@' + name.substring(1) : name);
        } else {
            json.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, value.newInput(), value.size());
        }
    }

    /** Fields of newer writers, by number: better shown without a name than not at all. */
    private void unknown(UnknownFieldSet fields) throws IOException {
        for (Map.Entry<Integer, UnknownFieldSet.Field> entry : fields.asMap().entrySet()) {
            json.writeArrayFieldStart("#" + entry.getKey());
            UnknownFieldSet.Field field = entry.getValue();
            for (long value : field.getVarintList()) {
                json.writeNumber(value);
            }
            for (int value : field.getFixed32List()) {
                json.writeNumber(value);
            }
            for (long value : field.getFixed64List()) {
                json.writeNumber(value);
            }
            for (ByteString value : field.getLengthDelimitedList()) {
                json.writeBinary(value.toByteArray());
            }
            for (UnknownFieldSet group : field.getGroupList()) {
                json.writeStartObject();
                unknown(group);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }
}
