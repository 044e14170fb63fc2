/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.function.IntConsumer;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.RowAttentionKernels;

/** Attention of rows on the host. */
final class HostRowAttention extends RowAttentionKernels {

    private final HostMachine machine;

    HostRowAttention(HostMachine machine) {
        this.machine = machine;
    }

    @Override
    protected void computeForward(Projections of, MachineArray starts, Rule rule, Attended to) {
        Lanes<?> lanes = Lanes.of(to.logSums().type());
        HostRows q = HostRows.of(machine, lanes, of.queries());
        HostRows k = HostRows.of(machine, lanes, of.keys());
        HostRows v = HostRows.of(machine, lanes, of.values());
        HostRows out = HostRows.of(machine, lanes, to.out());
        HostRows sums = new HostRows(machine.address(lanes, to.logSums()), rule.heads());
        int rows = of.queries().rows();
        long startsAt = machine.address(starts);
        int count = (int) starts.length();
        machine.perform(() -> {
            double[][] queries = read(lanes, q, rows, rule.queryWidth());
            double[][] keys = read(lanes, k, rows, rule.keyValueWidth());
            double[][] values = read(lanes, v, rows, rule.keyValueWidth());
            double[][] result = new double[rows][rule.queryWidth()];
            double[][] logs = new double[rows][rule.heads()];
            forEachRow(RawMemory.ints(startsAt, count), (row, from, to1) -> {
                for (int h = 0; h < rule.heads(); h++) {
                    double[] p = scores(rule, queries[row], keys, h, row, from, to1);
                    logs[row][h] = softmax(p);
                    for (int j = 0; j < p.length; j++) {
                        for (int c = 0; c < rule.headSize(); c++) {
                            result[row][h * rule.headSize() + c] +=
                                    p[j] * values[first(rule, row, from) + j][place(rule, h) + c];
                        }
                    }
                }
            });
            write(lanes, out, result);
            write(lanes, sums, logs);
        });
    }

    private interface OfRow {
        void compute(int row, int from, int to);
    }

    private static void forEachRow(int[] starts, OfRow work) {
        for (int e = 0; e + 1 < starts.length; e++) {
            for (int row = starts[e]; row < starts[e + 1]; row++) {
                work.compute(row, starts[e], starts[e + 1]);
            }
        }
    }

    private static int first(Rule rule, int row, int from) {
        return rule.window().isPresent() ? Math.max(from, row - rule.window().getAsInt() + 1) : from;
    }

    private static int place(Rule rule, int head) {
        return head / rule.group() * rule.headSize();
    }

    private static double[] scores(Rule rule, double[] query, double[][] keys, int h, int row, int from, int to) {
        int first = first(rule, row, from);
        double[] scores = new double[(rule.causal() ? row + 1 : to) - first];
        for (int j = 0; j < scores.length; j++) {
            for (int c = 0; c < rule.headSize(); c++) {
                scores[j] += rule.scale() * query[h * rule.headSize() + c] * keys[first + j][place(rule, h) + c];
            }
        }
        return scores;
    }

    private static double softmax(double[] z) {
        double most = Double.NEGATIVE_INFINITY;
        for (double one : z) {
            most = Math.max(most, one);
        }
        double sum = 0;
        for (int j = 0; j < z.length; j++) {
            z[j] = Math.exp(z[j] - most);
            sum += z[j];
        }
        for (int j = 0; j < z.length; j++) {
            z[j] /= sum;
        }
        return most + Math.log(sum);
    }

    private static <A> double[][] read(Lanes<A> lanes, HostRows from, int rows, int columns) {
        double[][] result = new double[rows][columns];
        A values = lanes.make(columns);
        for (int row = 0; row < rows; row++) {
            from.load(lanes, row, 1, columns, values);
            for (int c = 0; c < columns; c++) {
                result[row][c] = lanes.get(values, c);
            }
        }
        return result;
    }

    private static <A> void write(Lanes<A> lanes, HostRows to, double[][] from) {
        for (int row = 0; row < from.length; row++) {
            A values = lanes.make(from[row].length);
            for (int c = 0; c < from[row].length; c++) {
                lanes.set(values, c, from[row][c]);
            }
            to.store(lanes, values, row, 1, from[row].length);
        }
    }

    @Override
    protected void computeGradient(
            Projections of,
            MachineArray starts,
            Rule rule,
            Attended attended,
            MatrixView dOut,
            MachineArray scratch,
            Projections to) {
        Lanes<?> lanes = Lanes.of(scratch.type());
        HostRows q = HostRows.of(machine, lanes, of.queries());
        HostRows k = HostRows.of(machine, lanes, of.keys());
        HostRows v = HostRows.of(machine, lanes, of.values());
        HostRows d = HostRows.of(machine, lanes, dOut);
        HostRows dq = HostRows.of(machine, lanes, to.queries());
        HostRows dk = HostRows.of(machine, lanes, to.keys());
        HostRows dv = HostRows.of(machine, lanes, to.values());
        int rows = of.queries().rows();
        long startsAt = machine.address(starts);
        int count = (int) starts.length();
        machine.perform(() -> {
            double[][] queries = read(lanes, q, rows, rule.queryWidth());
            double[][] keys = read(lanes, k, rows, rule.keyValueWidth());
            double[][] values = read(lanes, v, rows, rule.keyValueWidth());
            double[][] upstream = read(lanes, d, rows, rule.queryWidth());
            double[][] dQueries = new double[rows][rule.queryWidth()];
            double[][] dKeys = new double[rows][rule.keyValueWidth()];
            double[][] dValues = new double[rows][rule.keyValueWidth()];
            forEachRow(RawMemory.ints(startsAt, count), (row, from, end) -> {
                for (int head = 0; head < rule.heads(); head++) {
                    int h = head;
                    double[] p = scores(rule, queries[row], keys, h, row, from, end);
                    softmax(p);
                    double[] dp = new double[p.length];
                    double[] delta = new double[1];
                    int at = h * rule.headSize();
                    int own = place(rule, h);
                    IntConsumer ofKey = j -> {
                        int key = first(rule, row, from) + j;
                        for (int c = 0; c < rule.headSize(); c++) {
                            dp[j] += upstream[row][at + c] * values[key][own + c];
                            dValues[key][own + c] += p[j] * upstream[row][at + c];
                        }
                        delta[0] += p[j] * dp[j];
                    };
                    for (int j = 0; j < p.length; j++) {
                        ofKey.accept(j);
                    }
                    for (int j = 0; j < p.length; j++) {
                        int key = first(rule, row, from) + j;
                        double ds = rule.scale() * p[j] * (dp[j] - delta[0]);
                        for (int c = 0; c < rule.headSize(); c++) {
                            dQueries[row][at + c] += ds * keys[key][own + c];
                            dKeys[key][own + c] += ds * queries[row][at + c];
                        }
                    }
                }
            });
            write(lanes, dq, dQueries);
            write(lanes, dk, dKeys);
            write(lanes, dv, dValues);
        });
    }
}
