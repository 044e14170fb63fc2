/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.stream.IntStream;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/**
 * Attention in doubles, query by query, with how far a machine may be off whose roundings err by {@code unit}: every sum of n terms errs by at
 * most n + 2 units of its terms' sizes, exp and log by {@link #FUNCTION} units, and errors of what a result is made of go through to it
 * in first order; {@link #SECOND} leaves room for the rest.
 *
 * <p>Where factors of products are rounded, the inputs are rounded first: the definition is that of rounded queries, keys, values and dO (but
 * δ is a sum of dO as it is). Weights and dS are rounded by the machine only, so that they err by half a unit of their last place, and sums on a
 * card may be cut off instead of rounded.
 */
final class RowAttentionReference {

    private static final double FUNCTION = 16;
    private static final double SECOND = 1.5;

    final double[] out;
    final double[] logSums;
    final double[] outErrors;
    final double[] logErrors;

    final double[] dq;
    final double[] dk;
    final double[] dv;
    final double[] dqErrors;
    final double[] dkErrors;
    final double[] dvErrors;

    private final Rule rule;
    private final int[] starts;
    private final double unit;
    private final FactorRounding rounding;
    private final double[] q;
    private final double[] k;
    private final double[] v;

    RowAttentionReference(
            Rule rule,
            int[] starts,
            int rows,
            double[] q,
            double[] k,
            double[] v,
            double unit,
            FactorRounding rounding) {
        this.rule = rule;
        this.starts = starts;
        this.unit = rounding == FactorRounding.NONE ? unit : 2 * unit;
        this.rounding = rounding;
        this.q = rounding.of(q);
        this.k = rounding.of(k);
        this.v = rounding.of(v);
        out = new double[rows * rule.queryWidth()];
        outErrors = new double[out.length];
        logSums = new double[rows * rule.heads()];
        logErrors = new double[logSums.length];
        dq = new double[out.length];
        dqErrors = new double[out.length];
        dk = new double[rows * rule.keyValueWidth()];
        dkErrors = new double[dk.length];
        dv = new double[dk.length];
        dvErrors = new double[dk.length];
    }

    /** One query of one head: which keys it sees, with what weights. */
    private static final class Seen {

        private final int query;
        private final int head;
        private final int first;
        private final double[] p;
        private final double relative;

        Seen(int query, int head, int first, double[] p, double relative) {
            this.query = query;
            this.head = head;
            this.first = first;
            this.p = p;
            this.relative = relative;
        }
    }

    private interface OfQuery {
        void compute(Seen seen);
    }

    private void forEachQuery(OfQuery work) {
        for (int example = 0; example + 1 < starts.length; example++) {
            for (int query = starts[example]; query < starts[example + 1]; query++) {
                int from = starts[example];
                int row = query;
                int[] keys = IntStream.range(from, starts[example + 1])
                        .filter(key -> sees(row, key))
                        .toArray();
                for (int head = 0; head < rule.heads(); head++) {
                    work.compute(seen(query, head, keys));
                }
            }
        }
    }

    private boolean sees(int query, int key) {
        return !rule.causal() || (key <= query && query - key < rule.window().orElse(Integer.MAX_VALUE));
    }

    private int ofQuery(int row, int head) {
        return row * rule.queryWidth() + head * rule.headSize();
    }

    private int ofKey(int row, int head) {
        return row * rule.keyValueWidth() + head / (rule.heads() / rule.keyValueHeads()) * rule.headSize();
    }

    private Seen seen(int query, int head, int[] keys) {
        double[] z = new double[keys.length];
        double error = 0;
        for (int j = 0; j < keys.length; j++) {
            double size = 0;
            for (int c = 0; c < rule.headSize(); c++) {
                double term = rule.scale() * q[ofQuery(query, head) + c] * k[ofKey(keys[j], head) + c];
                z[j] += term;
                size += Math.abs(term);
            }
            error = Math.max(error, (rule.headSize() + 3) * unit * size);
        }
        double most = IntStream.range(0, z.length).mapToDouble(j -> z[j]).max().orElseThrow();
        double spread =
                IntStream.range(0, z.length).mapToDouble(j -> most - z[j]).max().orElseThrow();
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            z[j] = Math.exp(z[j] - most);
            sum += z[j];
        }
        for (int j = 0; j < z.length; j++) {
            z[j] /= sum;
        }
        int place = query * rule.heads() + head;
        logSums[place] = most + Math.log(sum);
        // The argument of exp is a rounded difference: an error of a score, and a unit of the difference.
        double argument = error + unit * (spread + Math.abs(most));
        logErrors[place] = SECOND * (argument + (keys.length + FUNCTION) * unit + 2 * unit * Math.abs(logSums[place]));
        double relative = 2 * argument + 2 * logErrors[place] + (2 * keys.length + 2 * FUNCTION) * unit;
        return new Seen(query, head, keys[0], z, relative);
    }

    RowAttentionReference forward() {
        forEachQuery(seen -> {
            for (int c = 0; c < rule.headSize(); c++) {
                int at = ofQuery(seen.query, seen.head) + c;
                double size = 0;
                for (int j = 0; j < seen.p.length; j++) {
                    double term = seen.p[j] * v[ofKey(seen.first + j, seen.head) + c];
                    out[at] += term;
                    size += Math.abs(term);
                }
                outErrors[at] = SECOND * (seen.relative + rounding.unit() + (seen.p.length + 4) * unit) * size;
            }
        });
        return this;
    }

    /** After {@link #forward}. */
    RowAttentionReference backward(double[] dOut) {
        double[] factors = rounding.of(dOut);
        forEachQuery(seen -> {
            int at = ofQuery(seen.query, seen.head);
            double delta = 0;
            double deltaError = 0;
            for (int c = 0; c < rule.headSize(); c++) {
                double size = Math.abs(dOut[at + c] * out[at + c]);
                delta += dOut[at + c] * out[at + c];
                deltaError += Math.abs(dOut[at + c]) * outErrors[at + c] + (rule.headSize() + 3) * unit * size;
            }
            for (int j = 0; j < seen.p.length; j++) {
                ofKey(seen, j, factors, delta, deltaError);
            }
        });
        return this;
    }

    private void ofKey(Seen seen, int j, double[] dOut, double delta, double deltaError) {
        int at = ofQuery(seen.query, seen.head);
        int own = ofKey(seen.first + j, seen.head);
        double p = seen.p[j];
        double dp = 0;
        double size = 0;
        for (int c = 0; c < rule.headSize(); c++) {
            dp += dOut[at + c] * v[own + c];
            size += Math.abs(dOut[at + c] * v[own + c]);
        }
        double ds = p * (dp - delta) * rule.scale();
        double dsError = rule.scale()
                * p
                * ((seen.relative + 3 * unit) * Math.abs(dp - delta)
                        + (rule.headSize() + 3) * unit * size
                        + deltaError
                        + unit * Math.abs(delta));
        // How many terms are added up at most: keys, or queries of all heads of a group.
        double terms = (starts[starts.length - 1] * (double) rule.group() + 4) * unit + rounding.unit();
        for (int c = 0; c < rule.headSize(); c++) {
            dq[at + c] += ds * k[own + c];
            dqErrors[at + c] += SECOND * (dsError + terms * Math.abs(ds)) * Math.abs(k[own + c]);
            dk[own + c] += ds * q[at + c];
            dkErrors[own + c] += SECOND * (dsError + terms * Math.abs(ds)) * Math.abs(q[at + c]);
            dv[own + c] += p * dOut[at + c];
            dvErrors[own + c] += SECOND * (seen.relative + terms) * Math.abs(p * dOut[at + c]);
        }
    }
}
