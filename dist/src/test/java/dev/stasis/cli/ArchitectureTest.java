// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.stasis.cli.command.Environment;
import dev.stasis.spi.Experimental;
import dev.stasis.spi.Stable;

/** The layers and fences of the design, checked on the compiled classes of all modules. */
@AnalyzeClasses(packages = "dev.stasis", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String GENERATED = "dev.stasis.spi.image.criu..";

    @ArchTest
    static final ArchRule nativeCodeIsReachedThroughPackagesNamedFfiOnly = noClasses()
            .that()
            .resideOutsideOfPackage("..ffi..")
            .should()
            .dependOnClassesThat(resideInAPackage("jnr..").or(resideInAPackage("com.kenai.jffi..")))
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("sun.misc.Unsafe");

    @ArchTest
    static final ArchRule theSpiNeedsNothingButTheJdkProtobufAndPf4j = classes()
            .that()
            .resideInAPackage("dev.stasis.spi..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.stasis.spi..", "java..", "com.google.protobuf..", "org.pf4j..");

    @ArchTest
    static final ArchRule publicSpiTypesSayHowStableTheyAre = classes()
            .that()
            .resideInAPackage("dev.stasis.spi..")
            .and()
            .resideOutsideOfPackage(GENERATED)
            .and()
            .areTopLevelClasses()
            .and()
            .haveModifier(PUBLIC)
            .and()
            .doNotHaveSimpleName("package-info")
            .and()
            .doNotBelongToAnyOf(Stable.class, Experimental.class)
            .should()
            .beAnnotatedWith(Stable.class)
            .orShould()
            .beAnnotatedWith(Experimental.class);

    @ArchTest
    static final ArchRule processesAreStartedInPackagesNamedSpawnOnly = noClasses()
            .that()
            .resideOutsideOfPackage("..spawn..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .callMethod(Runtime.class, "exec", String.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class)
            .because("the JDK's reaper thread swallows the stops of children that are traced");

    @ArchTest
    static final ArchRule kernelPackagesHaveNoCycles =
            slices().matching("dev.stasis.kernel.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theKernelKnowsNoCommandLine = noClasses()
            .that()
            .resideInAPackage("dev.stasis.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.stasis.cli..");

    @ArchTest
    static final ArchRule guiceStaysInTheFacade = noClasses()
            .that()
            .resideInAPackage("dev.stasis..")
            .and()
            .doNotHaveSimpleName("KernelModule")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.google.inject..", "jakarta.inject..");

    @ArchTest
    static final ArchRule onlyTheEnvironmentKnowsStandardStreams =
            noClasses().that().doNotBelongToAnyOf(Environment.class, Main.class).should(ACCESS_STANDARD_STREAMS);

    @ArchTest
    static void allModulesAreSeen(JavaClasses classes) {
        for (String module : new String[] {"spi", "kernel", "cli"}) {
            assertTrue(
                    classes.stream().anyMatch(type -> type.getPackageName().startsWith("dev.stasis." + module)),
                    module);
        }
        assertTrue(classes.size() > 500, classes.size() + " classes");
    }
}
