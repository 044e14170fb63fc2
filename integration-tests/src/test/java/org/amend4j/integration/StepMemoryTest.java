/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.graph.Records;
import org.amend4j.internal.compiler.Plan;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.training.PlacedRecords;
import org.amend4j.lora.config.TrainingExtras;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a step of adapters on an encoder keeps. */
class StepMemoryTest {

    @TempDir
    Path folder;

    /**
     * A layer of BERT keeps, for each row of d numbers, its input, queries, keys, values, what attention found, the first norm's result and its
     * input, the feed-forward part before and behind GELU (4 d each) and its sum: 16 d. Whatever else there is, derivatives and
     * scratch of attention among it, is less than a fifth of that in six layers.
     */
    @Test
    void intermediate_values_of_a_step_take_little_more_than_16_d_floats_a_row_and_layer() throws IOException {
        int width = 96;
        int layers = 6;
        int rows = 8 * 64;
        EncoderProblem problem =
                new EncoderProblem(EncoderProblem.config(50, width, 4 * width, layers, 3), 4, 8, 64, 1);
        problem.save(folder);
        ComputationGraph graph = ObservedGraph.of(problem.adapted(folder, 0.01), TrainingExtras.LEAVE_TO_TRAINER)
                .graph();
        Network network = NetworkReader.training(graph, PlacedRecords.exampleShapes(Records.of(problem.batch())));
        long bytes = Plan.of(network, Variant.GRADIENT).workingBytes(problem.texts());
        double ratio = bytes / (16.0 * width * rows * layers * Float.BYTES);
        assertTrue(ratio > 0.8 && ratio < 1.2, "ratio " + ratio);
    }
}
