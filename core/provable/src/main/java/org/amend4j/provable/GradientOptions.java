/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;
import org.amend4j.graph.Clipping;
import org.amend4j.internal.validation.Checks;

/**
 * How gradients are computed and used.
 *
 * @param method what computes them
 * @param clipping of records' or subjects' gradients
 * @param ignoreUpdater whether to run plain gradient descent whatever updater the graph has
 * @param blocks in which they are added up, by the graph; without them all records together, in this process
 */
@RecordBuilder
public record GradientOptions(
        GradientMethod method, Optional<Clipping> clipping, boolean ignoreUpdater, Optional<GradientBlocks> blocks)
        implements GradientOptionsBuilder.With {

    /** @throws IllegalArgumentException if gradients as {@code fit} computes them are to be clipped, or others than the graph's are to be in blocks */
    public GradientOptions {
        Checks.present("method", method);
        Checks.present("clipping", clipping);
        if (method == GradientMethod.AS_FITTED && clipping.isPresent()) {
            throw new IllegalArgumentException(
                    "gradients as fit computes them cannot be clipped, got " + clipping.get());
        }
        Checks.present("blocks", blocks);
        if (method != GradientMethod.BY_GRAPH && blocks.isPresent()) {
            throw new IllegalArgumentException("blocks are computed " + GradientMethod.BY_GRAPH + ", got " + method);
        }
    }
}
