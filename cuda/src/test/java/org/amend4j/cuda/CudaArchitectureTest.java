/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.amend4j.backend.MachineException;
import org.amend4j.internal.cuda.kernel.CudaKernels;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/** Who sees whom in this module. */
@ArchTag("exhaustive")
@AnalyzeClasses(
        packages = {"org.amend4j.cuda", "org.amend4j.internal.cuda"},
        importOptions = ImportOption.DoNotIncludeTests.class)
class CudaArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.amend4j.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_PACKAGE_DRIVER_SEES_THE_CUDA_LIBRARIES = noClasses()
            .that()
            .haveNameNotMatching(
                    "org\\.amend4j\\.internal\\.cuda\\.driver\\.(CudaDevice|CardMemory|GpuProbe|CompiledKernels|CapturedWork|Blas|BlasLt|LtProduct|KernelCompiler|Status)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco.cuda..");

    @ArchTest
    static final ArchRule ONE_CLASS_SEES_THE_CUDA_BACKEND_OF_ND4J = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.amend4j.internal.cuda.nd4j.Nd4jCard")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j.jita..", "org.nd4j.linalg.jcublas..");

    /** Of networks kernels know which function, which window, and in which order its columns are. */
    @ArchTest
    static final ArchRule DEVICES_AND_KERNELS_ARE_PURE_JAVA = classes()
            .that()
            .resideInAnyPackage("org.amend4j.internal.cuda.device..", "org.amend4j.internal.cuda.kernel..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "org.amend4j.internal.cuda.device..",
                            "org.amend4j.internal.cuda.kernel..",
                            "org.amend4j.internal.cuda.cache..",
                            "org.amend4j.backend..",
                            "org.amend4j.internal.backend..",
                            "org.amend4j.internal.validation..",
                            "java..",
                            "org.jspecify.annotations..")
                    .or(belongToAnyOf(Activation.class, PatchOrder.class, Window.class)));

    @ArchTest
    static final ArchRule CACHES_KNOW_FILES_AND_SAY_WHAT_IS_WRONG = classes()
            .that()
            .resideInAPackage("org.amend4j.internal.cuda.cache..")
            .should()
            .onlyDependOnClassesThat(resideInAPackage("org.amend4j.internal.cuda.cache..")
                    .or(belongToAnyOf(MachineException.class))
                    .or(resideInAnyPackage(
                            "org.amend4j.internal.digest..",
                            "java..",
                            "org.apache.logging.log4j..",
                            "org.jspecify.annotations..")));

    @ArchTest
    static final ArchRule DEVICES_KNOW_NO_KERNELS_BUT_WHERE_THEY_ARE_MADE = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.amend4j.internal.cuda.device..",
                    "org.amend4j.internal.cuda.emulated..",
                    "org.amend4j.internal.cuda.driver..",
                    "org.amend4j.internal.cuda.cache..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("org.amend4j.internal.cuda.kernel..").and(not(type(CudaKernels.class))));

    @ArchTest
    static final ArchRule ONLY_WHAT_READS_NETWORKS_AND_DATA_SEES_DEEPLEARNING4J = noClasses()
            .that()
            .resideOutsideOfPackages("org.amend4j.cuda.backend..", "org.amend4j.internal.cuda.nd4j..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..");
}
