/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.lora.layer.LoraOutput;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.objective.HeadObjective;
import org.amend4j.provable.ProvableProblem.Kind;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** An output layer of a user's own has the constants of its form; how it rounds is not known. */
class OwnHeadTest {

    /** The user's layer. */
    public static class OwnOutput extends OutputLayer {

        private static final long serialVersionUID = 1L;

        /** For Jackson. */
        protected OwnOutput() {}

        private OwnOutput(Builder builder) {
            super(builder);
        }

        static OwnOutput softmax(int inputs, int outputs) {
            return new OwnOutput(new Builder(new LossMCXENT())
                    .activation(Activation.SOFTMAX)
                    .nIn(inputs)
                    .nOut(outputs));
        }
    }

    private static final class OwnKind implements LayerKind<OwnOutput> {

        @Override
        public Class<OwnOutput> configuration() {
            return OwnOutput.class;
        }

        @Override
        public Optional<WeightMatrix> weight(OwnOutput layer) {
            return Optional.of(WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
        }

        @Override
        public Optional<DenseForm> denseForm(OwnOutput layer) {
            return weight(layer)
                    .map(weight -> new DenseForm(
                            weight,
                            "W",
                            Optional.of("b"),
                            false,
                            new DenseForm.Loss(layer.getLossFn(), layer.getActivationFn())));
        }

        @Override
        public org.deeplearning4j.nn.api.Layer onBase(
                OwnOutput layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
            return new LoraOutput(conf, weights, type);
        }
    }

    /** A layer whose kind forgets its bias. */
    public static final class Forgetful extends OwnOutput {

        private static final long serialVersionUID = 1L;

        private Forgetful(Builder builder) {
            super(builder);
        }
    }

    private static final class ForgetfulKind implements LayerKind<Forgetful> {

        @Override
        public Class<Forgetful> configuration() {
            return Forgetful.class;
        }

        @Override
        public Optional<DenseForm> denseForm(Forgetful layer) {
            return Optional.of(
                    DenseForm.stock(layer, false, new DenseForm.Loss(layer.getLossFn(), layer.getActivationFn())));
        }
    }

    private static final Records RECORDS = Graphs.softmaxRecords(5, 3, 3, 0.9);

    @BeforeAll
    static void theKindIsAdded() {
        LayerKinds.add(new OwnKind());
        LayerKinds.add(new ForgetfulKind());
    }

    @Test
    void its_constants_are_those_of_its_form_and_its_rounding_is_assumed() {
        ProvableOptions options =
                ProvableOptions.defaults().withFeatureRadius(1).withGradients(GradientMethod.BY_ROW);
        ProvableProblem stock =
                ProvableGraphs.of(Graphs.head(Graphs.softmax(3, 3).build()), RECORDS, options);
        ProvableProblem own = ProvableGraphs.of(Graphs.head(OwnOutput.softmax(3, 3)), RECORDS, options);
        assertEquals(Kind.LINEAR_HEAD, own.kind());
        assertEquals(stock.bounds(), own.bounds());
        assertInstanceOf(HeadObjective.class, stock.objective());
        assertInstanceOf(GraphObjective.class, own.objective());
        assertTrue(stock.roundingAssumption().isEmpty());
        assertTrue(own.roundingAssumption().isPresent());
    }

    @Test
    void a_parameter_that_its_form_leaves_out_is_refused() {
        Forgetful layer = new Forgetful(new OutputLayer.Builder(new LossMCXENT())
                .activation(Activation.SOFTMAX)
                .nIn(3)
                .nOut(3));
        refused(
                "layer 'out' must train the parameters of its form, [W], got [W, b]",
                () -> ProvableGraphs.of(
                        Graphs.head(layer), RECORDS, ProvableOptions.defaults().withFeatureRadius(1)));
    }

    @Test
    void an_adapter_on_it_has_the_same_constants_and_its_rounding_is_assumed() {
        ProvableOptions options = ProvableOptions.defaults();
        ProvableProblem stock = ProvableGraphs.of(
                Graphs.adapted(Graphs.clippedHead(1, Graphs.softmax(3, 3).build()), c -> c.withTargets("out")),
                RECORDS,
                options);
        ProvableProblem own = ProvableGraphs.of(
                Graphs.adapted(Graphs.clippedHead(1, OwnOutput.softmax(3, 3)), c -> c.withTargets("out")),
                RECORDS,
                options);
        assertEquals(Kind.FROZEN_A, own.kind());
        assertEquals(stock.bounds(), own.bounds());
        assertTrue(stock.rounding().isPresent());
        assertTrue(own.roundingAssumption().isPresent());
    }
}
