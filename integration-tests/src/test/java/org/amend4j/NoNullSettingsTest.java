/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Presets;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.StepSize;
import org.amend4j.algorithm.StopRule;
import org.amend4j.bridge.GymnasiumOptions;
import org.amend4j.descent.DescentOptions;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.forgetting.ForgetfulSettings;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.performance.Domain;
import org.amend4j.performance.Landscape;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.secondorder.SecondOrderDiagnosis;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A wither makes it easy to pass on what a method gave; settings say which of them is missing before anything rests on it. */
@AnalyzeClasses(
        packages = "org.amend4j",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestKits.class})
class NoNullSettingsTest {

    private static final Constant ONE = Constant.assumed(1);
    private static final Horizon HORIZON = Horizon.given(
            10, BiasBound.A, new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-1, 1)));
    private static final StepSize STEP = new StepSize.Constant(1);

    /** One of every public record with generated withers that has a component which could be null. */
    static Stream<Record> settings() {
        ProvableOptions provable = ProvableOptions.defaults();
        ActorCritic.Critic critic = ActorCritic.Critic.of(new ActionValue.PerAction(2, 2), 5);
        return Stream.of(
                provable,
                provable.balls(),
                provable.gradients(),
                ForgetfulSettings.of(100, 10, 0.1),
                DescentOptions.of(10),
                LossBounds.of(ONE, ONE, LossCurvature.CONVEX),
                new Landscape(ONE, true, ONE, Domain.SET),
                ReleasePolicy.of(new PrivacyBudget(1, 1e-5)),
                Recipe.fullBatch(10, 0.1),
                LoraConfig.of(8, 16),
                PolicyGraphs.Mlp.of(2, 2),
                Presets.all().get(0),
                StopRule.steps(1_000),
                Reinforce.Config.DEFAULT,
                Ppo.Config.DEFAULT,
                Ppo.Config.DEFAULT.fragments(),
                Ppo.Config.DEFAULT.climb(),
                A2c.Config.DEFAULT,
                Gpomdp.Config.of(HORIZON, STEP),
                critic,
                ActorCritic.Config.of(0.9, critic, STEP),
                SecondOrderDiagnosis.Config.of(HORIZON, 0.1),
                GymnasiumOptions.STANDARD,
                PlanSettings.DEFAULT,
                Gemm.rows(2, 2, 2));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aSettingThatIsNullIsRefusedByItsName(Record settings) throws ReflectiveOperationException {
        RecordComponent[] components = settings.getClass().getRecordComponents();
        Constructor<?> constructor = settings.getClass()
                .getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        for (RecordComponent component : references(settings.getClass())) {
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = components[i].getName().equals(component.getName())
                        ? null
                        : components[i].getAccessor().invoke(settings);
            }
            Throwable refusal = assertThrows(
                            InvocationTargetException.class,
                            () -> constructor.newInstance(values),
                            () -> component + " may be null")
                    .getCause();
            assertEquals(
                    "java.lang.IllegalArgumentException: " + component.getName() + " must be given",
                    refusal.toString());
        }
    }

    @ArchTest
    @ArchTag("exhaustive")
    static void everyPublicRecordWithWithersIsTried(JavaClasses classes) {
        Set<String> tried =
                settings().map(one -> one.getClass().getName()).collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = classes.stream()
                .filter(type -> type.isRecord() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(type -> type.getRawInterfaces().stream().anyMatch(NoNullSettingsTest::hasWithers))
                .filter(type -> !references(type.reflect()).isEmpty())
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(all, tried);
    }

    private static boolean hasWithers(JavaClass type) {
        return type.getName().endsWith("Builder$With");
    }

    private static List<RecordComponent> references(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> !component.getType().isPrimitive())
                .toList();
    }
}
