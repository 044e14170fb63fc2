/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * The structure of docs/architecture.md inside of modules, checked. Which module sees which is held by the compiler: their poms list
 * nothing else.
 */
@ArchTag("exhaustive")
@AnalyzeClasses(
        packages = "org.amend4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
public class ArchitectureTest {

    /** Jars of tests are for tests, too. */
    public static final class NoTestKits implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String LOGS = "org.apache.logging.log4j..";

    /** Packages with a half that is not for users; the two count as one. */
    private static final Set<String> HALVES =
            Set.of("model", "backend", "lora", "graph", "prefix", "training", "transformer");

    private static final SliceAssignment PACKAGES = new SliceAssignment() {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String name = type.getPackageName();
            if (!name.startsWith("org.amend4j.")) {
                return SliceIdentifier.ignore();
            }
            String own = name.substring("org.amend4j.".length());
            String half = own.replaceFirst("^internal[.]", "");
            return SliceIdentifier.of(HALVES.contains(half) ? half : own);
        }

        @Override
        public String getDescription() {
            return "packages of amend4j";
        }
    };

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().assignedFrom(PACKAGES).should().beFreeOfCycles();

    /** Classes of a package see themselves, Java, and what is listed. */
    private static ArchRule sees(String name, String... others) {
        String[] allowed = Stream.concat(
                        Stream.of(ours(name), "java..", "javax.crypto..", "org.jspecify.annotations.."),
                        Arrays.stream(others))
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(ours(name))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }

    /** A package with what is below it, and the half of it that is not for users. */
    private static String ours(String name) {
        return "org.amend4j.[internal." + name + "|" + name + "]..";
    }

    private static String[] all(String... names) {
        return Arrays.stream(names).map(ArchitectureTest::ours).toArray(String[]::new);
    }

    private static ArchRule doNotSee(String[] packages, String... others) {
        return noClasses()
                .that()
                .resideInAnyPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others);
    }

    // transparency, verify

    @ArchTest
    static final ArchRule DIGESTS_SEE_JAVA_ONLY = sees("internal.digest");

    @ArchTest
    static final ArchRule LOGS_SEE_DIGESTS_ONLY = sees("transparency", ours("internal.digest"));

    @ArchTest
    static final ArchRule VERIFICATION_SHARES_NOTHING_WITH_WHAT_IT_JUDGES = sees("verify", ours("transparency"));

    // foundation

    @ArchTest
    static final ArchRule CHECKS_SEE_JAVA_ONLY = sees("internal.validation");

    @ArchTest
    static final ArchRule NUMBERS_SEE_JAVA_ONLY = sees("numeric", ours("internal.validation"));

    @ArchTest
    static final ArchRule GENERATORS_SEE_JAVA_ONLY = sees("random", ours("internal.validation"));

    @ArchTest
    static final ArchRule IDENTITIES_SEE_JAVA_ONLY = sees("identity");

    @ArchTest
    static final ArchRule HTML_SEES_JAVA_ONLY = sees("html", ours("internal.text"));

    @ArchTest
    static final ArchRule TEXT_IS_READ_IN_JAVA_ALONE = sees(
            "text",
            ours("gguf"),
            ours("internal.validation"),
            ours("internal.text"),
            ours("internal.json"),
            ours("internal.file"),
            "com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule CHAT_TEMPLATES_SEE_NO_TOKENIZERS = sees(
            "text.chat",
            ours("internal.validation"),
            ours("internal.text"),
            ours("internal.json"),
            "com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule CHARTS_ARE_DRAWINGS_ONLY = sees("chart", ours("html"), "org.knowm.xchart..");

    @ArchTest
    static final ArchRule GGUF_IS_READ_IN_JAVA_ALONE = sees("gguf", ours("safetensors"));

    @ArchTest
    static final ArchRule CHECKPOINTS_ARE_FILES_ONLY = sees(
            "checkpoint",
            ours("gguf"),
            ours("safetensors"),
            ours("internal.digest"),
            ours("internal.file"),
            ours("internal.validation"),
            ours("internal.json"),
            "com.fasterxml.jackson..",
            LOGS);

    @ArchTest
    static final ArchRule BLOCKS_SEE_OBJECTIVES_AND_NUMBERS_ONLY = sees(
            "objective.blocks",
            "org.amend4j.objective",
            ours("numeric"),
            ours("random"),
            ours("identity"),
            ours("internal.validation"),
            ours("internal.digest"));

    @ArchTest
    static final ArchRule OBJECTIVES_KNOW_NO_BLOCKS = noClasses()
            .that()
            .resideInAPackage("org.amend4j.objective")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ours("objective.blocks"));

    // unlearn

    @ArchTest
    static final ArchRule PRIVACY_IS_NUMBERS_ONLY =
            sees("privacy", ours("numeric"), ours("random"), ours("identity"), "org.apache.commons.numbers..");

    @ArchTest
    static final ArchRule PRIVACY_DRAWS_FROM_SECURE_SOURCES_ONLY = noClasses()
            .that()
            .resideInAPackage(ours("privacy"))
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Random.class, ThreadLocalRandom.class, SplittableRandom.class);

    @ArchTest
    static final ArchRule AUDITS_ARE_NUMBERS_ONLY = sees(
            "audit",
            ours("privacy"),
            ours("numeric"),
            ours("html"),
            ours("internal.validation"),
            "org.apache.commons.numbers..");

    // network

    @ArchTest
    static final ArchRule THE_MODEL_KNOWS_NOTHING_BUILT_ON_IT =
            doNotSee(all("model"), all("lora", "prefix", "probe", "graph"));

    @ArchTest
    static final ArchRule FROZEN_LAYERS_KNOW_NO_ADAPTERS = doNotSee(all("prefix"), all("lora", "graph"));

    @ArchTest
    static final ArchRule ADAPTERS_KNOW_NO_OBJECTIVES = doNotSee(all("lora", "probe"), all("graph", "objective"));

    @ArchTest
    static final ArchRule SETTINGS_OF_ADAPTERS_SEE_NAMES_ONLY = sees(
            "lora.config", "org.nd4j.shade.jackson.annotation..", ours("internal.validation"), ours("internal.names"));

    @ArchTest
    static final ArchRule STARTS_AND_GRADIENTS_OF_ADAPTERS_SEE_ARRAYS_ONLY =
            doNotSee(all("lora.init", "lora.gradient"), "org.deeplearning4j..", ours("model"), ours("network"));

    @ArchTest
    static final ArchRule RUNNING_LAYERS_KNOW_NO_SETTINGS_AND_NO_FILES =
            doNotSee(all("lora.layer", "lora.sequence"), all("lora.config", "lora.file", "lora.perexample"));

    @ArchTest
    static final ArchRule ADAPTER_FILES_KNOW_NO_RUNNING_LAYERS =
            doNotSee(all("lora.file"), all("lora.layer", "lora.sequence", "lora.perexample"));

    @ArchTest
    static final ArchRule ATTENTION_SEES_ARRAYS_AND_THE_HOST_ONLY =
            sees("attention", "org.nd4j..", ours("cpu"), ours("backend"), ours("internal.validation"));

    @ArchTest
    static final ArchRule KERNELS_ARE_ASKED_BY_LAYERS_AND_SEE_ARRAYS_ONLY =
            sees("kernel", "org.nd4j.linalg.api.ndarray..", LOGS);

    @ArchTest
    static final ArchRule TEXT_IS_GENERATED_WITHOUT_NETWORKS_OF_DEEPLEARNING4J =
            doNotSee(all("generate"), "org.deeplearning4j..", ours("model"), ours("graph"), ours("compiler"));

    // policy

    @ArchTest
    static final ArchRule ONLY_POLICIES_SEE_NETWORKS_AND_ARRAYS = doNotSee(
            all("environment", "estimator", "evaluation", "exact", "rollout", "algorithm", "secondorder", "bridge"),
            "org.nd4j..",
            "org.deeplearning4j..",
            ours("model"),
            ours("lora"),
            ours("graph"));

    @ArchTest
    static final ArchRule ENVIRONMENTS_ARE_PURE_JAVA = sees("environment", ours("random"), ours("internal.validation"));

    @ArchTest
    static final ArchRule ESTIMATORS_ARE_NUMBERS_ONLY =
            sees("estimator", ours("numeric"), ours("internal.validation"), ours("identity"));

    @ArchTest
    static final ArchRule STATISTICS_OF_SCORES_ARE_NUMBERS_ONLY =
            sees("evaluation", ours("random"), ours("internal.validation"));

    @ArchTest
    static final ArchRule EXACT_RETURNS_KNOW_NO_SAMPLES =
            doNotSee(all("exact"), all("policy", "rollout", "algorithm", "secondorder", "estimator", "evaluation"));

    @ArchTest
    static final ArchRule THE_BRIDGE_SEES_ENVIRONMENTS_AND_JSON_ONLY =
            sees("bridge", ours("environment"), ours("internal.validation"), "com.fasterxml.jackson..", LOGS);

    @ArchTest
    static final ArchRule POLICIES_KNOW_NO_ROLLOUTS =
            doNotSee(all("policy", "estimator"), all("rollout", "algorithm", "secondorder"));

    @ArchTest
    static final ArchRule ROLLOUTS_KNOW_ENVIRONMENTS_AND_POLICIES_ONLY =
            sees("rollout", ours("environment"), ours("policy"), ours("random"), ours("internal.validation"));

    @ArchTest
    static final ArchRule ALGORITHMS_KNOW_NO_EXACT_RETURNS = doNotSee(all("algorithm"), ours("exact"));

    @ArchTest
    static final ArchRule NOBODY_BELOW_KNOWS_SECOND_ORDER_REPORTS =
            doNotSee(all("algorithm", "rollout"), ours("secondorder"));

    @ArchTest
    static final ArchRule MACHINES_KNOW_SHAPES_BUT_NO_NETWORKS_AND_NO_ARRAYS = classes()
            .that()
            .resideInAPackage(ours("backend"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ours("backend"),
                    ours("network"),
                    ours("internal.validation"),
                    "io.soabase.recordbuilder..",
                    "java..",
                    "javax.annotation.processing..",
                    "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule PLANS_SEE_NO_PARTICULAR_MACHINE_AND_NO_OBJECTIVES = classes()
            .that()
            .resideInAPackage(ours("compiler"))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            ours("compiler"),
                            ours("network"),
                            ours("backend"),
                            ours("internal.validation"),
                            "java..",
                            "org.jspecify.annotations..")
                    .or(type(UnsupportedNetworkException.class)));

    @ArchTest
    static final ArchRule WHAT_IS_PLANNED_SEES_NO_PARTICULAR_MACHINE = noClasses()
            .that()
            .resideInAPackage(ours("training"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.amend4j.cuda..", ours("cpu"));
}
