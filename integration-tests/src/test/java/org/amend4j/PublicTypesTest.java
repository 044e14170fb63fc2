/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.VertexKind;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * A type of the libraries is public because another package uses it, because the signature of such a type has it, because it is thrown or
 * found as a service, or because users are to have it for the reason that is given here.
 */
@ArchTag("exhaustive")
@AnalyzeClasses(
        packages = "org.amend4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
class PublicTypesTest {

    private static final String ENVIRONMENT = "an environment by its class, for programs; jobs take it by name";

    private static final String NOTEBOOK =
            "for cells of notebooks, which are no classes of ours; JJava finds the extension by ServiceLoader";
    private static final String POLICY = "a part of policies that users put together";

    private static final String THEORY = "theory in docs, to compute with";

    private static final String AUDIT = "for audits of other models than ours";

    private static final String BY_NAME = "Deeplearning4j or Java makes it by its name";

    private static final String ENTRY = "where programs of users begin";

    private static final Map<String, String> FOR_USERS = Map.ofEntries(
            entry("environment.Acrobot", ENVIRONMENT),
            entry("environment.CartPole", ENVIRONMENT),
            entry("environment.CliffWalking", ENVIRONMENT),
            entry("environment.FrozenLake", ENVIRONMENT),
            entry("environment.LinearQuadratic", ENVIRONMENT),
            entry("environment.MountainCarContinuous", ENVIRONMENT),
            entry("environment.Pendulum", ENVIRONMENT),
            entry("environment.Taxi", ENVIRONMENT),
            entry("environment.TimeLimit", ENVIRONMENT),
            entry("chart.Pictures", NOTEBOOK),
            entry("notebook.HtmlViews", NOTEBOOK),
            entry("notebook.VerificationView", NOTEBOOK),
            entry("policy.FlatteningEncoder", POLICY),
            entry("policy.GraphApproximator", POLICY),
            entry("policy.MultiCategorical", POLICY),
            entry("policy.NormalisingEncoder", POLICY),
            entry("algorithm.GpomdpEstimator", THEORY),
            entry("estimator.TruncationBias", THEORY),
            entry("exact.OptimalValues", THEORY),
            entry("exact.TruncatedValues", THEORY),
            entry("privacy.GaussianMechanism", THEORY),
            entry("audit.Auc", AUDIT),
            entry("audit.LikelihoodRatio", AUDIT),
            entry("internal.clipped.HostClippedSums", BY_NAME),
            entry("internal.cuda.nd4j.Nd4jCudaLoraKernels", BY_NAME),
            entry("lora.LoraLayer", BY_NAME),
            entry("lora.LoraWeightsLayer", BY_NAME),
            entry("lora.PrefixLayer", BY_NAME),
            entry("lora.TrainedTokensLayer", BY_NAME),
            entry("transformer.ClassTokenAndMean", BY_NAME),
            entry("transformer.Gelu", BY_NAME),
            entry("transformer.PicturePatches", BY_NAME),
            entry("transformer.PictureTokens", BY_NAME),
            entry("algorithm.GradientAscent", "for algorithms of users"),
            entry("descent.MemoryTrajectoryStore", ENTRY),
            entry("spark.BlockFolder", ENTRY),
            entry("spark.BlockImport", ENTRY),
            entry("spark.BlockReader", ENTRY),
            entry("spark.SentGraph", ENTRY),
            entry("spark.SparkBlocks", ENTRY),
            entry("spark.data.PictureColumns", ENTRY),
            entry("spark.data.TableColumns", ENTRY),
            entry("forgetting.ForgetfulModel", ENTRY),
            entry("lora.serving.AdapterServer", ENTRY),
            entry("lora.serving.AdapterSet", ENTRY),
            entry("forgetting.ForgetfulSettings", ENTRY),
            entry("recording.FitRecorder", ENTRY),
            entry("transparency.MerkleProofs", ENTRY));

    /** What jobs of the command line open and then take apart; users pass it on. */
    private static final Set<String> FOR_JOBS =
            Set.of("org.amend4j.cuda.backend.ComputeBackend", "org.amend4j.cuda.choice.Devices");

    /** The modules of networks, as their packages: what users meet of them is to be read in an hour. */
    private static final Set<String> OF_NETWORKS = Set.of(
            "model",
            "probe",
            "backend",
            "lora",
            "lora.config",
            "lora.explain",
            "lora.file",
            "lora.combine",
            "lora.serving",
            "prefix",
            "graph",
            "training",
            "transformer",
            "generate",
            "convert");

    private static final int MOST_TYPES = 120;

    @ArchTest
    static void everyPublicTypeIsUsedOutsideItsPackageOrListedWithTheReason(JavaClasses all) {
        Set<JavaClass> used =
                all.stream().filter(PublicTypesTest::isUsedElsewhere).collect(Collectors.toCollection(HashSet::new));
        FOR_USERS.keySet().forEach(name -> used.add(all.get("org.amend4j." + name)));
        while (used.addAll(used.stream()
                .flatMap(PublicTypesTest::signatures)
                .filter(type -> isPublicType(type, all))
                .toList())) {
            // until nothing is new
        }
        Set<String> unused = all.stream()
                .filter(type -> isPublicType(type, all))
                .filter(type -> !used.contains(type))
                .map(type -> type.getName().substring("org.amend4j.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), unused);
    }

    @ArchTest
    static void nothingIsListedWithoutNeed(JavaClasses all) {
        Set<String> needless = FOR_USERS.keySet().stream()
                .filter(name -> isUsedElsewhere(all.get("org.amend4j." + name)))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), needless);
    }

    @ArchTest
    static void noSignatureForUsersHasAnInternalType(JavaClasses all) {
        Set<String> found = all.stream()
                .filter(type -> isPublicType(type, all))
                .filter(type -> !isInternal(type) && !isNamedInFiles(type))
                .filter(type -> !FOR_JOBS.contains(type.getName()))
                .filter(type -> signatures(type).anyMatch(PublicTypesTest::isInternal))
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), found);
    }

    @ArchTest
    static void noTwoTypesForUsersHaveOneName(JavaClasses all) {
        Map<String, Long> names = all.stream()
                .filter(type -> isPublicType(type, all) && !isInternal(type))
                .collect(Collectors.groupingBy(JavaClass::getSimpleName, Collectors.counting()));
        names.values().removeIf(count -> count == 1);
        assertEquals(Map.of(), names);
    }

    @ArchTest
    static void usersMeetAtMostOneHundredAndTwentyTypesOfNetworks(JavaClasses all) {
        List<String> met = all.stream()
                .filter(type -> isPublicType(type, all))
                .filter(type -> OF_NETWORKS.contains(type.getPackageName().substring("org.amend4j.".length())))
                .filter(type -> !isNamedInFiles(type))
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertTrue(met.size() <= MOST_TYPES, () -> met.size() + ": " + met);
        assertTrue(met.contains("org.amend4j.lora.AdaptedModel"), "the test sees them");
    }

    /** Parts of Deeplearning4j's configurations: their class names stand in models' files, so they stay public and where they are. */
    private static boolean isNamedInFiles(JavaClass type) {
        return Stream.of(
                        Layer.class,
                        GraphVertex.class,
                        InputPreProcessor.class,
                        IActivation.class,
                        IUpdater.class,
                        ISchedule.class)
                .anyMatch(type::isAssignableTo);
    }

    private static boolean isInternal(JavaClass type) {
        return type.getPackageName().startsWith("org.amend4j.internal.");
    }

    private static boolean isPublicType(JavaClass type, JavaClasses all) {
        return type.isTopLevelClass()
                && !isGenerated(type, all)
                && type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getPackageName().startsWith("org.amend4j.")
                && !type.getPackageName().startsWith("org.amend4j.app")
                && !type.getPackageName().startsWith("org.amend4j.demos");
    }

    /** Builders and withers of records, by RecordBuilder. */
    private static boolean isGenerated(JavaClass type, JavaClasses all) {
        return type.getSimpleName().endsWith("Builder") && all.contain(type.getName() + "$With");
    }

    private static boolean isUsedElsewhere(JavaClass type) {
        return type.isAssignableTo(Throwable.class)
                || type.isAssignableTo(LayerKind.class)
                || type.isAssignableTo(VertexKind.class)
                || type.getDirectDependenciesToSelf().stream()
                        .anyMatch(use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
    }

    /** Types that somebody who uses a type meets: of its accessible members, its supertypes, and members of its nested types. */
    private static Stream<JavaClass> signatures(JavaClass type) {
        Stream<JavaType> members = Stream.concat(
                type.getCodeUnits().stream()
                        .filter(unit -> isAccessible(unit.getModifiers()))
                        .flatMap(PublicTypesTest::types),
                type.getFields().stream()
                        .filter(field -> isAccessible(field.getModifiers()))
                        .map(JavaField::getType));
        Stream<JavaType> supertypes = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        Stream<JavaClass> own = Stream.concat(members, supertypes)
                .flatMap(one -> one.getAllInvolvedRawTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .map(PublicTypesTest::topLevel);
        Stream<JavaClass> nested = type.getPackageName().startsWith("org.amend4j")
                ? type.getDirectDependenciesToSelf().stream()
                        .map(use -> use.getOriginClass())
                        .filter(origin ->
                                origin.getEnclosingClass().filter(type::equals).isPresent())
                        .filter(origin -> isAccessible(origin.getModifiers()))
                        .distinct()
                        .flatMap(PublicTypesTest::signatures)
                : Stream.of();
        return Stream.concat(own, nested);
    }

    private static JavaClass topLevel(JavaClass type) {
        return type.getEnclosingClass().map(PublicTypesTest::topLevel).orElse(type);
    }

    private static Stream<JavaType> types(JavaCodeUnit unit) {
        return Stream.concat(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream());
    }

    private static boolean isAccessible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }
}
