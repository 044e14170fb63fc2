/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.OneIn;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Adam;

/** Adapters that add to weights, and schemes train by a plan on the CPU as by {@code fit}. */
class SchemesInPlansTest {

    private static final long SEED = 1;

    /** Three steps of Adam on the same sums in another order. */
    private static final double ROUNDING = 1e-12;

    private static final Set<String> KINDS = Set.of(
            "DenseLayer",
            "ConvolutionLayer",
            "Convolution1DLayer",
            "LSTM",
            "Bidirectional",
            "LastTimeStep",
            "SelfAttentionLayer",
            "AttentionVertex",
            "DepthwiseConvolution2D",
            "EmbeddingSequenceLayer");

    /** What a plan makes of operations of its own, with these schemes too. */
    private static final Set<String> PRODUCTS = Set.of("DenseLayer", "ConvolutionLayer");

    static Stream<Animal> animals() {
        return Zoo.animals().stream()
                .filter(animal -> KINDS.contains(animal.kind().getSimpleName()));
    }

    @ParameterizedTest
    @MethodSource("animals")
    @OneIn(3)
    void a_plan_takes_the_steps_of_fit(Animal animal) {
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("it");
        for (LoraConfig config : new LoraConfig[] {
            plain,
            plain.withDora(),
            plain.withDora(Dora.TRUE_GRADIENT),
            plain.withDora(Dora.TRUE_GRADIENT).withBias(BiasMode.ALL),
            plain.withBias(BiasMode.ADAPTED)
        }) {
            ComputationGraph graph = AdaptedModel.attach(
                            BaseModel.of(animal.network()),
                            config,
                            FineTuneConfiguration.builder()
                                    .updater(new Adam(0.01))
                                    .seed(SEED)
                                    .build(),
                            Probe.none())
                    .graph();
            ComputationGraph fitted = graph.clone();
            try (HostMachine machine = HostMachine.open(2);
                    PlannedTraining training = PlannedTraining.of(
                            machine, graph, Records.of(animal.data()), Zoo.BATCH, Arithmetic.DOUBLE)) {
                if (PRODUCTS.contains(animal.kind().getSimpleName())) {
                    assertEquals(
                            Optional.empty(),
                            training.delegation(),
                            config.scheme().toString());
                }
                for (int step = 0; step < 3; step++) {
                    training.step(0, 1, 2);
                    fitted.fit(animal.data());
                }
                training.copyInto(graph);
            }
            double apart = graph.params().sub(fitted.params()).amaxNumber().doubleValue();
            assertTrue(apart < ROUNDING, config.scheme() + ": " + apart);
        }
    }
}
