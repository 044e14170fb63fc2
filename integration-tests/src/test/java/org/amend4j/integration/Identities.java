/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.algorithm.A2c;
import org.amend4j.algorithm.ActionValue;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.Fragments;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.OptimizerConfig;
import org.amend4j.algorithm.Ppo;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.Schedule;
import org.amend4j.algorithm.StepSize;
import org.amend4j.algorithm.Terms;
import org.amend4j.descent.Assurance;
import org.amend4j.descent.Smoothness;
import org.amend4j.descent.StepRule;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.graph.Clipping;
import org.amend4j.identity.Identified;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Bernoulli;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.FlatteningEncoder;
import org.amend4j.policy.Gaussian;
import org.amend4j.policy.GraphApproximator;
import org.amend4j.policy.InputShape;
import org.amend4j.policy.MultiCategorical;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.PolicyGraphs;
import org.amend4j.policy.SquashedGaussian;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.unlearn.CheckpointNoise;
import org.amend4j.unlearn.KeyedBatches;
import org.amend4j.unlearn.KeyedEpochs;
import org.amend4j.unlearn.ParameterBall;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.StepSizes;
import org.amend4j.unlearn.WholeSet;
import org.nd4j.linalg.api.buffer.DataType;

/** A configuration of every kind, with the text that files have of it. Such texts are format: none of them ever changes. */
final class Identities {

    /**
     * A configuration.
     *
     * @param text its facts
     * @param first as version 1 had them
     */
    record Example(Identified value, String text, String first) {

        Example(Identified value, String text) {
            this(value, text, text);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final Smoothness PROVED = new Smoothness(2, -0.5, Assurance.PROVED);
    private static final String PROVED_TEXT = "Smoothness[lipschitz=2.0, lossLowerBound=-0.5, evidence=PROVED]";

    private static final Terms TERMS = new Terms(true, 0.01, 0.5);
    private static final String TERMS_TEXT = "Terms[normalise=true, entropy=0.01, value=0.5]";
    private static final OptimizerConfig CLIMB =
            new OptimizerConfig(new Optimizer.Sgd(0.9), Schedule.constant(0.1), 0.5);
    private static final String CLIMB_TEXT =
            "Climb[optimizer=Sgd[momentum=0.9], rate=Constant[value=0.1], mostNorm=0.5]";
    private static final Fragments FRAGMENTS = new Fragments(2, 8, new GeneralizedAdvantage(0.99, 0.95), true);
    private static final String FRAGMENTS_TEXT = "Fragments[environments=2, steps=8,"
            + " gae=GeneralizedAdvantage[gamma=0.99, lambda=0.95], normaliseRewards=true]";
    private static final BiasConstants CONSTANTS =
            new BiasConstants(0.9, ScoreConstants.tabularSoftmax(), RewardRange.known(-1, 1));
    private static final String CONSTANTS_TEXT = "BiasConstants[gamma=0.9,"
            + " scores=ScoreConstants[norm=1.4142135623730951, secondMoment=0.5, knowledge=KNOWN, reason=tabular softmax],"
            + " rewards=RewardRange[least=-1.0, most=1.0, knowledge=KNOWN]]";
    private static final GaussianGrid GRID = new GaussianGrid(-39, 1L << 40, 100);
    private static final String GRID_TEXT = "GaussianGrid[exponent=-39, units=1099511627776, bound=100.0]";
    private static final Gaussian GAUSSIAN = new Gaussian(new double[] {0.5, -1}, true);
    private static final String GAUSSIAN_TEXT = "Gaussian[logDeviations=[0.5, -1.0], trained=true]";
    private static final String NETWORK_TEXT = "Planned[input=Row[size=3], precision=DOUBLE,"
            + " layers=[Dense[inputs=3, outputs=2, bias=true, activation=IDENTITY]]]";
    private static final byte[] KEY = new byte[32];
    private static final String KEY_TEXT = "7ab0d3960182a3491a34258c5d205642d0db20f67c7f734febdbdf4822e01583";

    private Identities() {}

    static List<Example> descents() {
        return List.of(
                new Example(new IndexRange(0, 3), "IndexRange[from=0, to=3]"),
                new Example(PROVED, PROVED_TEXT),
                new Example(new StepRule.Constant(0.5), "Constant[step=0.5]"),
                new Example(new StepRule.ClosedForm(PROVED), "ClosedForm[knownSmoothness=" + PROVED_TEXT + "]"),
                new Example(
                        new StepRule.ExactStep(PROVED, 0.25),
                        "ExactStep[knownSmoothness=" + PROVED_TEXT + ", promised=0.25]"),
                new Example(StepRule.Armijo.of(4), "Armijo[promised=0.25, firstStep=4.0, smoothness=Optional.empty]"),
                new Example(
                        StepRule.Armijo.of(4).withSmoothness(PROVED),
                        "Armijo[promised=0.25, firstStep=4.0, smoothness=Optional[" + PROVED_TEXT + "]]"),
                new Example(new StepRule.MuKlabjan(PROVED), "MuKlabjan[knownSmoothness=" + PROVED_TEXT + "]"),
                new Example(new StepRule.Adapt(0.5), "Adapt[alpha=0.5]"),
                new Example(new StepRule.Adapt2(0.5), "Adapt2[alpha=0.5]"),
                new Example(new StepRule.Norm(0.5), "Norm[alpha=0.5]"),
                new Example(Clipping.perRecord(0.5), "Clipping[bound=0.5, unit=RECORD]"),
                new Example(new BlockRule.Ranges(500), "Ranges[width=500]"),
                new Example(new BlockRule.Hashed(16), "Hashed[blocks=16]"),
                new Example(
                        RecordBlocks.byId(new BlockRule.Ranges(500), RecordIds.of(1, 2)),
                        "RecordBlocks[rule=Ranges[width=500], key=RECORD]"),
                new Example(
                        hidden("org.amend4j.graph.GraphObjective$Settings", 4, OptionalDouble.empty(), 0.1, false),
                        "Settings[chunk=4, normaliser=OptionalDouble.empty, weightDecay=0.1]"),
                new Example(
                        hidden("org.amend4j.graph.GraphObjective$Settings", 4, OptionalDouble.of(8), 0.1, true),
                        "Settings[chunk=4, normaliser=OptionalDouble[8.0], weightDecay=0.1, fitted]"),
                new Example(
                        hidden("org.amend4j.internal.prefix.Column", role(1), DataType.FLOAT, List.of(3L, 4L)),
                        "Column[role=LABEL, type=FLOAT, shape=[3, 4]]"));
    }

    static List<Example> policies() {
        return List.of(
                new Example(new StepSize.Constant(0.1), "Constant[eta=0.1]"),
                new Example(new StepSize.FromSmoothness(3), "FromSmoothness[lipschitz=3.0]"),
                new Example(new StepSize.Decreasing(2, 0.5), "Decreasing[first=2.0, power=0.5]"),
                new Example(Schedule.constant(0.1), "Constant[value=0.1]"),
                new Example(new Schedule.Linear(0.2, 0.1, 500), "Linear[from=0.2, to=0.1, steps=500]"),
                new Example(new Optimizer.Sgd(0.9), "Sgd[momentum=0.9]"),
                new Example(Optimizer.Adam.DEFAULT, "Adam[beta1=0.9, beta2=0.999, epsilon=1.0E-8]"),
                new Example(Optimizer.RmsProp.DEFAULT, "RmsProp[decay=0.99, epsilon=1.0E-5]"),
                new Example(TERMS, TERMS_TEXT),
                new Example(CLIMB, CLIMB_TEXT),
                new Example(FRAGMENTS, FRAGMENTS_TEXT),
                new Example(new GeneralizedAdvantage(0.99, 0.95), "GeneralizedAdvantage[gamma=0.99, lambda=0.95]"),
                new Example(RewardRange.known(-1, 1), "RewardRange[least=-1.0, most=1.0, knowledge=KNOWN]"),
                new Example(
                        RewardRange.seen(new double[] {0, 2}), "RewardRange[least=0.0, most=2.0, knowledge=ESTIMATED]"),
                new Example(
                        ScoreConstants.tabularSoftmax(),
                        "ScoreConstants[norm=1.4142135623730951, secondMoment=0.5, knowledge=KNOWN, reason=tabular softmax]"),
                new Example(
                        ScoreConstants.linearSoftmax(2),
                        "ScoreConstants[norm=4.0, secondMoment=4.0, knowledge=KNOWN,"
                                + " reason=linear softmax, features within 2.0]"),
                new Example(
                        ScoreConstants.gaussian(1, 1, true),
                        "ScoreConstants[norm=Infinity, secondMoment=2.0, knowledge=KNOWN,"
                                + " reason=Gaussian: no bound of single scores]"),
                new Example(
                        ScoreConstants.known(3, 2),
                        "ScoreConstants[norm=3.0, secondMoment=2.0, knowledge=KNOWN, reason=the user says so]"),
                new Example(
                        ScoreConstants.largestSeen(new double[] {1, 2}),
                        "ScoreConstants[norm=2.0, secondMoment=4.0, knowledge=ESTIMATED, reason=largest of 2 scores]"),
                new Example(CONSTANTS, CONSTANTS_TEXT),
                new Example(
                        new Horizon(12, BiasBound.C, OptionalDouble.of(100), CONSTANTS),
                        "Horizon[steps=12, bound=C, tolerance=OptionalDouble[100.0], constants=" + CONSTANTS_TEXT
                                + "]"),
                new Example(
                        Gpomdp.Config.of(Horizon.given(12, BiasBound.C, CONSTANTS), new StepSize.Constant(0.1)),
                        "Config[horizon=Horizon[steps=12, bound=C, tolerance=OptionalDouble.empty, constants="
                                + CONSTANTS_TEXT
                                + "], trajectories=1, stepSize=Constant[eta=0.1], stateBaseline=false, noise=0.0]"),
                new Example(
                        new Reinforce.Config(2, 30, 0.9, Reinforce.Baseline.LINEAR, TERMS, CLIMB),
                        "Config[episodes=2, mostSteps=30, gamma=0.9, baseline=LINEAR, terms=" + TERMS_TEXT + ", climb="
                                + CLIMB_TEXT + "]"),
                new Example(
                        new A2c.Config(FRAGMENTS, TERMS, CLIMB),
                        "Config[fragments=" + FRAGMENTS_TEXT + ", terms=" + TERMS_TEXT + ", climb=" + CLIMB_TEXT + "]"),
                new Example(
                        new Ppo.Config(FRAGMENTS, 3, 4, Schedule.constant(0.2), OptionalDouble.of(0.05), TERMS, CLIMB),
                        "Config[fragments=" + FRAGMENTS_TEXT
                                + ", epochs=3, minibatches=4, clip=Constant[value=0.2], targetKl=OptionalDouble[0.05],"
                                + " terms=" + TERMS_TEXT + ", climb=" + CLIMB_TEXT + "]"),
                new Example(
                        ActorCritic.Config.of(
                                0.9,
                                ActorCritic.Critic.of(new ActionValue.PerAction(4, 2), 25),
                                new StepSize.Constant(0.1)),
                        "Config[gamma=0.9, critic=PerAction[inputs=4, actions=2], criticSteps=25, criticRate=0.2,"
                                + " radius=Infinity, averaged=true, warmStart=true, pairs=1, stepSize=Constant[eta=0.1],"
                                + " noise=0.0]"),
                new Example(new ActionValue.PerAction(4, 2), "PerAction[inputs=4, actions=2]"),
                new Example(
                        new ActionValue.Linear("tilt-1", 3, (input, action) -> input),
                        "Linear/2[dimension=3, features=tilt-1]",
                        "Linear[dimension=3]"),
                new Example(
                        new ActionValue.Network(network(2)),
                        "Network/2[inputs=3, outputs=2, parameters=8, approximator=" + NETWORK_TEXT + "]",
                        "Network[inputs=3, outputs=2, parameters=8]"),
                new Example(
                        new ActionValue.Network(network(3)),
                        "Network/2[inputs=3, outputs=3, parameters=12, approximator=Planned[input=Row[size=3],"
                                + " precision=DOUBLE, layers=[Dense[inputs=3, outputs=3, bias=true,"
                                + " activation=IDENTITY]]]]",
                        "Network[inputs=3, outputs=3, parameters=12]"),
                new Example(network(2), NETWORK_TEXT),
                new Example(
                        GraphApproximator.of(
                                PolicyGraphs.mlp(PolicyGraphs.Mlp.of(3, 2).withHidden(4), 1), new InputShape.Row(3)),
                        "Graph[input=Row[size=3], precision=DOUBLE, structure=bc6ebf6fdbd861e5852a488f684180d42223ed41ac286596c9c91815c608732b]"),
                new Example(new InputShape.Row(3), "Row[size=3]"),
                new Example(new InputShape.Image(2, 5, 4), "Image[first=2, second=5, third=4]"),
                new Example(new InputShape.Sequence(3), "Sequence[size=3]"),
                new Example(
                        new DenseShape(3, 2, true, DenseActivation.TANH),
                        "Dense[inputs=3, outputs=2, bias=true, activation=TANH]"),
                new Example(
                        new DenseShape(3, 2, false, DenseActivation.IDENTITY),
                        "Dense[inputs=3, outputs=2, bias=false, activation=IDENTITY]"),
                new Example(new Categorical(3), "Categorical[count=3]"),
                new Example(new Bernoulli(), "Bernoulli[]"),
                new Example(MultiCategorical.of(3, 2), "MultiCategorical[3, 2]"),
                new Example(GAUSSIAN, GAUSSIAN_TEXT),
                new Example(
                        new SquashedGaussian(new double[] {-1, -2}, new double[] {3, 4}, GAUSSIAN),
                        "SquashedGaussian[low=[-1.0, -2.0], high=[3.0, 4.0], normal=" + GAUSSIAN_TEXT + "]"),
                new Example(new ObservationEncoder.OneHot(5), "OneHot[size=5]"),
                new Example(new ObservationEncoder.AsIs(5), "AsIs[size=5]"),
                new Example(new NormalisingEncoder(5), "NormalisingEncoder[size=5]"),
                new Example(
                        new FlatteningEncoder(
                                List.of(new ObservationEncoder.OneHot(2), new ObservationEncoder.AsIs(3))),
                        "FlatteningEncoder[OneHot[size=2], AsIs[size=3]]"));
    }

    static List<Example> recipes() {
        return List.of(
                new Example(new StepSizes.Constant(0.3), "Constant[stepSize=0.3]"),
                new Example(new StepSizes.Geometric(0.5, 0.9), "Geometric[first=0.5, factor=0.9]"),
                new Example(new StepSizes.UntilGradient(1e-6), "UntilGradient[gradientNorm=1.0E-6]"),
                new Example(
                        new StepSizes.Listed(List.of(0.3, 0.1)),
                        "Listed[2 sizes in [0.1, 0.3]]/2[digest=65ca33ea02a74094fd31c8c5102e768d744465019378a70f274ac364deff9b91]",
                        "Listed[2 sizes in [0.1, 0.3]]"),
                new Example(
                        new StepSizes.Listed(List.of(0.1, 0.3)),
                        "Listed[2 sizes in [0.1, 0.3]]/2[digest=7eda70a9f818f24121998aa08af28efa516964e73db7f6a176cbd2cd865cd541]",
                        "Listed[2 sizes in [0.1, 0.3]]"),
                new Example(new WholeSet(), "all records at every step"),
                new Example(new KeyedBatches(KEY, 7, 0.25), "keyed batches of rate 0.25, key " + KEY_TEXT + ", run 7"),
                new Example(
                        new KeyedEpochs(KEY, 7, 12, id -> id), "keyed epochs of 12 steps, key " + KEY_TEXT + ", run 7"),
                new Example(
                        new RecordedBatches(List.of(RecordIds.of(0, 5), RecordIds.of(2, 3)), 9),
                        "recorded batches of 2 records/2[steps=2, records=9, digest=d7e17382d73b23b45cd6873d3712535a248676e71698c7bff8653700b07444aa]",
                        "recorded batches of 2 records"),
                new Example(
                        new RecordedBatches(List.of(RecordIds.of(0, 5), RecordIds.of(2, 4)), 9),
                        "recorded batches of 2 records/2[steps=2, records=9, digest=775a546d0b2771495f013478276a33f578fda666336fe79dcd84a30cf97848bc]",
                        "recorded batches of 2 records"),
                new Example(GRID, GRID_TEXT),
                new Example(new CheckpointNoise(8, GRID), "CheckpointNoise[step=8, grid=" + GRID_TEXT + "]"),
                new Example(
                        ParameterBall.of(new IndexRange(0, 26), 10),
                        "ParameterBall[ranges=[IndexRange[from=0, to=26]], radius=10.0]"));
    }

    private static Approximator network(int outputs) {
        return Approximators.random(List.of(new DenseShape(3, outputs, true, DenseActivation.IDENTITY)), 0.1, 1);
    }

    private static Object role(int number) {
        return type("org.amend4j.internal.prefix.Column$Role").getEnumConstants()[number];
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("renamed? its facts stay as they are", e);
        }
    }

    /** A record that is not public. */
    private static Identified hidden(String name, Object... components) {
        try {
            return (Identified) made(type(name), components);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(name, e);
        }
    }

    /**
     * A record by its components, public or not.
     *
     * @throws InvocationTargetException if it refuses them
     */
    static Object made(Class<?> type, Object... components) throws ReflectiveOperationException {
        MethodType canonical = MethodType.methodType(
                void.class,
                Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new));
        MethodHandle constructor =
                MethodHandles.privateLookupIn(type, MethodHandles.lookup()).findConstructor(type, canonical);
        try {
            return constructor.invokeWithArguments(components);
        } catch (Throwable refused) {
            throw new InvocationTargetException(refused);
        }
    }

    /** The components of a record, public or not. */
    static Object[] components(Object value) throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(value.getClass(), MethodHandles.lookup());
        List<Object> components = new ArrayList<>();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                components.add(lookup.unreflect(component.getAccessor()).invoke(value));
            } catch (Throwable thrown) {
                throw new InvocationTargetException(thrown);
            }
        }
        return components.toArray();
    }
}
