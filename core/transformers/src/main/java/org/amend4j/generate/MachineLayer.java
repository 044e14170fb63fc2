/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.generate.Projections.HeadNorms;
import org.amend4j.internal.backend.CachedAttentionKernels.Kept;
import org.amend4j.internal.backend.GateKernels;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.network.Activation;

/** A layer of a decoder on a machine: x += attention(norm x), then x += feedForward(norm x). */
final class MachineLayer implements AutoCloseable {

    private final Kernels kernels;
    private final DecoderLayer of;
    private final Rule rule;
    private final LayerMemory working;
    private final Owned memory = new Owned();
    private final MachineNorm attentionNorm;
    private final MachineNorm feedForwardNorm;
    private final List<MachineLinear> projections;
    private final Optional<MachineNorm> queryNorm;
    private final Optional<MachineNorm> keyNorm;
    private final MachineLinear output;
    private final List<MachineLinear> feedForward;

    /**
     * Copies weights.
     *
     * @param rows the most at a time
     * @param working what layers share
     */
    MachineLayer(Machine machine, DecoderLayer of, int rows, ProductPrecision precision, LayerMemory working) {
        this.kernels = machine.kernels();
        this.of = of;
        this.working = working;
        SelfAttention attention = of.attention();
        rule = attention.attention().rule(attention.window());
        try {
            attentionNorm = memory.add(new MachineNorm(machine, of.attentionNorm(), rows));
            feedForwardNorm = memory.add(new MachineNorm(machine, of.feedForwardNorm(), rows));
            projections = linears(machine, attention.projections().linears(), rows, precision);
            output = memory.add(new MachineLinear(machine, attention.output(), rows, precision));
            feedForward = linears(machine, of.feedForward().linears(), rows, precision);
            Optional<HeadNorms> norms = attention.projections() instanceof Projections.Separate separate
                    ? separate.norms()
                    : Optional.empty();
            queryNorm = norms.map(some -> memory.add(new MachineNorm(machine, some.query(), rows * rule.heads())));
            keyNorm = norms.map(some -> memory.add(new MachineNorm(machine, some.key(), rows * rule.keyValueHeads())));
        } catch (RuntimeException failed) {
            memory.close();
            throw failed;
        }
    }

    private List<MachineLinear> linears(Machine machine, List<Linear> some, int rows, ProductPrecision precision) {
        return some.stream()
                .map(linear -> memory.add(new MachineLinear(machine, linear, rows, precision)))
                .toList();
    }

    Rule rule() {
        return rule;
    }

    /**
     * Adds to all rows.
     *
     * @param pages of this layer
     * @param normal as large as x, contents lost
     */
    void apply(MachineRows rows, Kept pages, MatrixView x, MatrixView normal) {
        attentionNorm.apply(x, normal);
        MatrixView queries = projected(rows, normal, pages);
        MatrixView attended = working.attended(rows.count(), rule.queryWidth());
        kernels.cachedAttention()
                .attend(
                        queries,
                        pages,
                        rows.seen(),
                        rule,
                        working.scratch(rows.count(), rule, rows.seen().longest()),
                        attended);
        output.addTo(rows, attended, x);
        feedForwardNorm.apply(x, normal);
        feedForward(rows, normal, x);
    }

    /** Queries; keys and values are kept. */
    private MatrixView projected(MachineRows rows, MatrixView x, Kept pages) {
        int count = rows.count();
        int wide = rule.queryWidth();
        int narrow = rule.keyValueWidth();
        if (projections.size() == 1) {
            MatrixView together = working.projected(0, count, wide + 2 * narrow);
            projections.get(0).apply(rows, x, together, Activation.IDENTITY);
            Kept kept = new Kept(together.columns(wide, narrow), together.columns(wide + narrow, narrow));
            kernels.cachedAttention().keep(kept, rows.places(), pages);
            return together.columns(0, wide);
        }
        MatrixView queries = working.projected(0, count, wide);
        MatrixView keys = working.projected((long) count * wide, count, narrow);
        MatrixView values = working.projected((long) count * (wide + narrow), count, narrow);
        projections.get(0).apply(rows, x, queries, Activation.IDENTITY);
        projections.get(1).apply(rows, x, keys, Activation.IDENTITY);
        projections.get(2).apply(rows, x, values, Activation.IDENTITY);
        queryNorm.ifPresent(norm -> norm.applyToParts(queries));
        keyNorm.ifPresent(norm -> norm.applyToParts(keys));
        working.angles().ifPresent(angles -> {
            kernels.rotary().turn(queries, rows.positions(), angles, queries, false);
            kernels.rotary().turn(keys, rows.positions(), angles, keys, false);
        });
        kernels.cachedAttention().keep(new Kept(keys, values), rows.places(), pages);
        return queries;
    }

    private void feedForward(MachineRows rows, MatrixView x, MatrixView to) {
        int count = rows.count();
        int width = feedForward.get(0).outputs();
        MatrixView inner = working.inner(0, count, width);
        if (of.feedForward() instanceof FeedForward.Gated gated) {
            MatrixView up = working.inner((long) count * width, count, width);
            feedForward.get(0).apply(rows, x, inner, Activation.IDENTITY);
            feedForward.get(1).apply(rows, x, up, Activation.IDENTITY);
            kernels.gate().forward(new GateKernels.Inputs(inner, up), inner, FeedForward.function(gated.activation()));
        } else if (of.feedForward() instanceof FeedForward.Plain plain) {
            feedForward.get(0).apply(rows, x, inner, FeedForward.function(plain.activation()));
        }
        feedForward.get(feedForward.size() - 1).addTo(rows, inner, to);
    }

    @Override
    public void close() {
        memory.close();
    }
}
