package org.amend4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import org.amend4j.environment.SplitMix64;

/** The structure of docs/architecture.md, checked. */
@AnalyzeClasses(packages = "org.amend4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.amend4j.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ONLY_EIGHT_PACKAGES_TOUCH_NETWORKS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.amend4j.model..",
                    "org.amend4j.lora..",
                    "org.amend4j.prefix..",
                    "org.amend4j.probe..",
                    "org.amend4j.objective..",
                    "org.amend4j.provable..",
                    "org.amend4j.recording..",
                    "org.amend4j.policy..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j.nn..");

    @ArchTest
    static final ArchRule THE_MODEL_KNOWS_NOTHING_BUILT_ON_IT = noClasses()
            .that()
            .resideInAPackage("org.amend4j.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.amend4j.lora..", "org.amend4j.prefix..");

    @ArchTest
    static final ArchRule THE_PREFIX_KNOWS_NO_ADAPTERS = noClasses()
            .that()
            .resideInAPackage("org.amend4j.prefix..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.amend4j.lora..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_OBJECTIVES_OR_DESCENT = noClasses()
            .that()
            .resideInAnyPackage("org.amend4j.model..", "org.amend4j.lora..", "org.amend4j.prefix..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.amend4j.objective..", "org.amend4j.descent..");

    @ArchTest
    static final ArchRule UNLEARNING_KNOWS_NO_ADAPTERS = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.amend4j.sensitivity..",
                    "org.amend4j.performance..",
                    "org.amend4j.deletion..",
                    "org.amend4j.unlearn..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.amend4j.lora..", "org.amend4j.model..", "org.amend4j.prefix..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_UNLEARNING = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.amend4j.model..",
                    "org.amend4j.lora..",
                    "org.amend4j.prefix..",
                    "org.amend4j.objective..",
                    "org.amend4j.descent..",
                    "org.amend4j.file..",
                    "org.amend4j.safetensors..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.sensitivity..",
                    "org.amend4j.performance..",
                    "org.amend4j.deletion..",
                    "org.amend4j.unlearn..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_WHICH_NETWORKS_ARE_PROVABLE = noClasses()
            .that()
            .resideOutsideOfPackages("org.amend4j.provable..", "org.amend4j.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.amend4j.provable..");

    @ArchTest
    static final ArchRule FILES_DESCENT_AND_UNLEARNING_KNOW_NO_ARRAYS = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.amend4j.safetensors..",
                    "org.amend4j.file..",
                    "org.amend4j.descent..",
                    "org.amend4j.sensitivity..",
                    "org.amend4j.performance..",
                    "org.amend4j.deletion..",
                    "org.amend4j.secret..",
                    "org.amend4j.unlearn..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..");

    @ArchTest
    static final ArchRule PRIVACY_IS_NUMBERS_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.privacy..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.privacy..", "java..", "org.apache.commons.numbers..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule AUDITS_ARE_NUMBERS_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.audit..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.audit..",
                    "org.amend4j.privacy..",
                    "org.amend4j.check..",
                    "java..",
                    "org.apache.commons.numbers..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule ENVIRONMENTS_ARE_PURE_JAVA = classes()
            .that()
            .resideInAPackage("org.amend4j.environment..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.environment..", "org.amend4j.check..", "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule ESTIMATORS_ARE_NUMBERS_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.estimator..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.estimator..", "org.amend4j.check..", "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule STATISTICS_OF_SCORES_ARE_NUMBERS_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.evaluation..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "org.amend4j.evaluation..", "org.amend4j.check..", "java..", "org.jspecify.annotations..")
                    .or(type(SplitMix64.class)));

    @ArchTest
    static final ArchRule ORACLES_KNOW_NEITHER_NETWORKS_NOR_ARRAYS = classes()
            .that()
            .resideInAPackage("org.amend4j.oracle..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.oracle..",
                    "org.amend4j.environment..",
                    "org.amend4j.objective..",
                    "org.amend4j.check..",
                    "org.amend4j.digest..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule THE_BRIDGE_SEES_ENVIRONMENTS_AND_JSON_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.bridge..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.bridge..",
                    "org.amend4j.environment..",
                    "org.amend4j.check..",
                    "com.fasterxml.jackson..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_ROLLOUTS = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.amend4j.environment..",
                    "org.amend4j.estimator..",
                    "org.amend4j.evaluation..",
                    "org.amend4j.oracle..",
                    "org.amend4j.objective..",
                    "org.amend4j.policy..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.amend4j.rollout..", "org.amend4j.ascent..");

    @ArchTest
    static final ArchRule ROLLOUTS_KNOW_ENVIRONMENTS_AND_POLICIES_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.rollout..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.rollout..",
                    "org.amend4j.environment..",
                    "org.amend4j.policy..",
                    "org.amend4j.check..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule ASCENT_KNOWS_NO_ARRAYS_AND_NO_ORACLES = noClasses()
            .that()
            .resideInAPackage("org.amend4j.ascent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.nd4j..",
                    "org.deeplearning4j..",
                    "org.amend4j.oracle..",
                    "org.amend4j.model..",
                    "org.amend4j.lora..",
                    "org.amend4j.unlearn..");

    @ArchTest
    static final ArchRule REPORTS_OF_SADDLES_STAND_ON_NUMBERS_POLICIES_AND_ROLLOUTS = classes()
            .that()
            .resideInAPackage("org.amend4j.saddle..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.saddle..",
                    "org.amend4j.rollout..",
                    "org.amend4j.policy..",
                    "org.amend4j.oracle..",
                    "org.amend4j.estimator..",
                    "org.amend4j.evaluation..",
                    "org.amend4j.environment..",
                    "org.amend4j.objective..",
                    "org.amend4j.check..",
                    "org.amend4j.digest..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_REPORTS_OF_SADDLES = noClasses()
            .that()
            .resideOutsideOfPackages("org.amend4j.saddle..", "org.amend4j.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.amend4j.saddle..");

    @ArchTest
    static final ArchRule PRIVACY_DRAWS_FROM_SECURE_SOURCES_ONLY = noClasses()
            .that()
            .resideInAPackage("org.amend4j.privacy..")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Random.class, ThreadLocalRandom.class, SplittableRandom.class);

    @ArchTest
    static final ArchRule DIGESTS_SEE_JAVA_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.digest..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("org.amend4j.digest..", "java..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule VERIFICATION_SHARES_NOTHING_WITH_WHAT_IT_JUDGES = classes()
            .that()
            .resideInAPackage("org.amend4j.verify..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.verify..",
                    "org.amend4j.transparency..",
                    "java..",
                    "javax.crypto..",
                    "org.erdtman.jcs..",
                    "com.fasterxml.jackson..",
                    "org.apache.commons.numbers..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule KERNELS_ARE_ASKED_BY_LAYERS_AND_SEE_ARRAYS_ONLY = classes()
            .that()
            .resideInAPackage("org.amend4j.kernel..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "org.amend4j.kernel..",
                    "org.nd4j.linalg.api.ndarray..",
                    "org.apache.logging.log4j..",
                    "java..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule CORE_NEVER_SEES_CUDA =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.amend4j.cuda..");
}
