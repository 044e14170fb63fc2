/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.List;
import java.util.Optional;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphBlocks;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.RecordObjective;
import org.amend4j.objective.blocks.BlockedObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The objectives of a graph on records with normaliser and weight decay, one of which becomes a problem's. Whether gradients are clipped is
 * known only when the constants are, and blocks elsewhere are dear: nothing is computed, read or sent before one is asked for.
 */
sealed interface Objectives {

    /** The graph's parameters: where a run starts. */
    double[] parameters();

    /** The adapters among them. */
    List<AdapterBlock> adapters();

    /** The mean over the records, clipped or not. */
    RecordObjective of(Optional<Clipping> clipping);

    /**
     * Of a graph on records.
     *
     * @throws IllegalArgumentException naming what of the graph no objective has, or if blocks have no fixed normaliser
     */
    static Objectives of(ComputationGraph graph, Records records, ProvableOptions options) {
        return options.gradients()
                .blocks()
                .<Objectives>map(blocks -> InBlocks.of(graph, records, options, blocks))
                .orElseGet(() -> Whole.of(graph, records, options));
    }

    /** All records together, in this process. */
    record Whole(GraphObjective plain) implements Objectives {

        private static Whole of(ComputationGraph graph, Records records, ProvableOptions options) {
            GraphObjective mean = (options.gradients().method() == GradientMethod.AS_FITTED
                            ? GraphObjective.asFitted(graph, records)
                            : GraphObjective.of(graph, records))
                    .withWeightDecay(options.weightDecay());
            return new Whole(
                    options.normaliser().isPresent()
                            ? mean.withNormaliser(options.normaliser().getAsDouble())
                            : mean);
        }

        @Override
        public double[] parameters() {
            return plain.parameters();
        }

        @Override
        public List<AdapterBlock> adapters() {
            return plain.adapters();
        }

        @Override
        public RecordObjective of(Optional<Clipping> clipping) {
            return clipping.<RecordObjective>map(plain::clipped).orElse(plain);
        }
    }

    /**
     * Block by block, wherever blocks are computed.
     *
     * @param function what of the blocks does not depend on records
     */
    record InBlocks(
            ComputationGraph graph,
            Records records,
            GradientBlocks blocks,
            double normaliser,
            double weightDecay,
            GraphBlocks function)
            implements Objectives {

        private static InBlocks of(
                ComputationGraph graph, Records records, ProvableOptions options, GradientBlocks blocks) {
            double normaliser = options.normaliser()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "gradients in blocks must be divided by a fixed number, chosen without looking at the records:"
                                    + " give the normaliser"));
            return new InBlocks(
                    graph,
                    records,
                    blocks,
                    normaliser,
                    options.weightDecay(),
                    GraphBlocks.of(graph, blocks.settings()));
        }

        @Override
        public double[] parameters() {
            return function.parameters();
        }

        @Override
        public List<AdapterBlock> adapters() {
            return function.adapters();
        }

        @Override
        public RecordObjective of(Optional<Clipping> clipping) {
            BlockSettings settings = blocks.settings();
            BlockSettings used = clipping.map(settings::clipped).orElse(settings);
            return BlockedObjective.of(blocks.place().sums(graph, used, records), normaliser)
                    .withWeightDecay(weightDecay);
        }
    }
}
