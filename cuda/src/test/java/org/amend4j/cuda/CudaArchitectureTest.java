package org.amend4j.cuda;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who sees whom in this module. */
@AnalyzeClasses(packages = "org.amend4j.cuda", importOptions = ImportOption.DoNotIncludeTests.class)
class CudaArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.amend4j.cuda.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_TWO_CLASSES_SEE_THE_CUDA_LIBRARIES = noClasses()
            .that()
            .haveNameNotMatching("org\\.amend4j\\.cuda\\.driver\\.(CudaDevice|GpuProbe)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.cuda..");

    @ArchTest
    static final ArchRule DEVICES_AND_KERNELS_ARE_PURE_JAVA = classes()
            .that()
            .resideInAnyPackage("org.amend4j.cuda.device..", "org.amend4j.cuda.kernel..", "org.amend4j.cuda.cache..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.cuda.device..",
                    "org.amend4j.cuda.kernel..",
                    "org.amend4j.cuda.cache..",
                    "org.amend4j.check..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule DEVICES_KNOW_NO_KERNELS = noClasses()
            .that()
            .resideOutsideOfPackage("org.amend4j.cuda.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.amend4j.cuda.kernel..");

    @ArchTest
    static final ArchRule NOTHING_SEES_ARRAYS_OR_NETWORKS =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.nd4j..", "org.deeplearning4j..");
}
