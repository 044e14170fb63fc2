/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.graph.Clipping;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.nd4j.linalg.api.buffer.DataType;

/** What is computed on a cluster and in one process, to be compared by bits. */
enum ClusterLaw {
    FLOAT(DataType.FLOAT, new BlockRule.Ranges(4), Optional.empty()),
    DOUBLE(DataType.DOUBLE, new BlockRule.Ranges(4), Optional.empty()),
    RECORDS_CLIPPED(DataType.FLOAT, new BlockRule.Ranges(4), Optional.of(Clipping.perRecord(0.2))),
    OWNERS_CLIPPED(DataType.DOUBLE, new BlockRule.Hashed(4), Optional.of(Clipping.perSubject(0.4)));

    private final DataType type;
    private final BlockSettings settings;

    ClusterLaw(DataType type, BlockRule rule, Optional<Clipping> clipping) {
        this.type = type;
        this.settings = new BlockSettings(rule, 3, clipping);
    }

    BlockSettings settings() {
        return settings;
    }

    ClusterProblem problem() {
        return ClusterProblem.small(type);
    }

    /** Empties the second block, and takes some from others. */
    private static RecordIds left(BlockedObjective objective) {
        RecordIds all = objective.records();
        RecordIds emptied = objective.blocks().blocks().get(1).ids();
        return all.without(RecordIds.of(
                all.stream().filter(id -> emptied.contains(id) || id % 7 == 5).toArray()));
    }

    /** Values, gradients and norms before and after a deletion, and where a few steps end. */
    double[] answers(BlockedObjective objective) {
        RecordIds left = left(objective);
        return Stream.of(
                        ClusterProblem.answers(objective),
                        ClusterProblem.answers(objective.restrictedTo(left)),
                        ClusterProblem.descended(objective, problem().start(), left))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** The same in this process. */
    double[] expected() {
        return answers(problem().local(settings));
    }
}
