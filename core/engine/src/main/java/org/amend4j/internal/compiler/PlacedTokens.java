/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.TokenSegments;
import org.amend4j.internal.network.TokenSequence;

/**
 * The tokens of a run's examples as rows, example after example, and on a machine what a step asks for. There are some rows more, so that
 * their number is a multiple of 32: code that is made for a number of rows is used again, and products have whole blocks. These have the first word at
 * the first position, belong to no example and have no label: whatever they hold is finite, and every gradient there is 0.
 */
final class PlacedTokens implements AutoCloseable {

    private static final int MULTIPLE = 32;

    private final Machine machine;
    private final ElementType real;
    private final List<TokenSequence> examples;
    private final int[] starts;
    private final int rows;
    private final Owned owned = new Owned();
    private Optional<MachineArray> placedStarts = Optional.empty();
    private final Map<Feature, MachineArray> features = new HashMap<>();
    private final Map<Feature, TokenSegments> segments = new HashMap<>();
    private final Map<Integer, LabelledRows> labelled = new HashMap<>();
    private final Map<Boolean, Ends> ends = new HashMap<>();
    private Optional<Owners> owners = Optional.empty();

    /** What is known of every row. */
    enum Feature {
        /** Rows of the table of words. */
        ID,
        /** How many tokens of the example come before. */
        POSITION,
        /** Rows of the table of types. */
        TYPE
    }

    /** @param real what weights of labels are */
    PlacedTokens(Machine machine, ElementType real, List<TokenSequence> examples) {
        this.machine = machine;
        this.real = real;
        this.examples = List.copyOf(examples);
        this.starts = new int[examples.size() + 1];
        for (int k = 0; k < examples.size(); k++) {
            starts[k + 1] = Math.addExact(starts[k], examples.get(k).length());
        }
        this.rows = rounded(starts[examples.size()]);
    }

    /** So many rows, and as many as are missing to a multiple. */
    static int rounded(int rows) {
        return Math.multiplyExact((rows + MULTIPLE - 1) / MULTIPLE, MULTIPLE);
    }

    /** Rows of all examples, with those that belong to none. */
    int rows() {
        return rows;
    }

    /** Where each example's rows begin, and those that belong to none, [examples + 1]. */
    MachineArray starts() {
        if (placedStarts.isEmpty()) {
            placedStarts = Optional.of(owned.add(machine.allocateBriefly("starts of examples", starts)));
        }
        return placedStarts.get();
    }

    /** Where an example's rows begin, or those that belong to none. */
    int start(int example) {
        return starts[example];
    }

    /** A feature of all rows, [rows]. */
    MachineArray feature(Feature feature) {
        return features.computeIfAbsent(
                feature, unused -> owned.add(machine.allocateBriefly("features of tokens", values(feature))));
    }

    /** Where each value of a feature occurs. */
    TokenSegments segments(Feature feature, int below) {
        return segments.computeIfAbsent(
                feature, unused -> owned.add(TokenSegments.of(machine, "places of tokens", values(feature), below)));
    }

    private int[] values(Feature feature) {
        int[] values = new int[rows];
        for (int k = 0; k < examples.size(); k++) {
            TokenSequence example = examples.get(k);
            for (int token = 0; token < example.length(); token++) {
                values[starts[k] + token] = switch (feature) {
                    case ID -> example.id(token);
                    case POSITION -> token;
                    case TYPE -> example.type(token);
                };
            }
        }
        return values;
    }

    /**
     * Rows with labels, and some more, so that their number is a multiple, too: those have a label below 0.
     *
     * @param rows which they are, [count]
     * @param labels [count]
     * @param weights of their losses, [count]: an example's is the mean over its labels
     * @param starts where those of each example begin, and those that belong to none, [examples + 1]
     * @param byRow where each row is among them
     * @param byExample where each example's rows are among them
     */
    record LabelledRows(
            int count,
            MachineArray rows,
            MachineArray labels,
            MachineArray weights,
            List<Integer> starts,
            TokenSegments byRow,
            TokenSegments byExample) {}

    /** Rows that belong to an example. */
    int used() {
        return starts[examples.size()];
    }

    /** Where one token of each example is: its rows, [examples], and the place of each among these. */
    record Ends(MachineArray rows, TokenSegments byRow) {}

    /** The first tokens, or the last. */
    Ends ends(boolean first) {
        return ends.computeIfAbsent(first, unused -> {
            int[] places = new int[examples.size()];
            for (int k = 0; k < places.length; k++) {
                places[k] = first ? starts[k] : starts[k + 1] - 1;
            }
            return new Ends(
                    owned.add(machine.allocateBriefly("ends of examples", places)),
                    owned.add(TokenSegments.of(machine, "ends of examples", places, rows)));
        });
    }

    /**
     * Which example each row belongs to, of those that belong to one.
     *
     * @param examples [used]
     * @param byExample where each example's rows are
     * @param shares a row's share of its example's mean, [examples]
     */
    record Owners(MachineArray examples, TokenSegments byExample, MachineArray shares) {}

    /** The owners of rows. */
    Owners owners() {
        if (owners.isEmpty()) {
            int[] places = new int[used()];
            double[] shares = new double[examples.size()];
            for (int k = 0; k < shares.length; k++) {
                Arrays.fill(places, starts[k], starts[k + 1], k);
                shares[k] = 1.0 / examples.get(k).length();
            }
            MachineArray ofRows = owned.add(machine.allocateBriefly("shares of rows", real, shares.length));
            machine.upload(shares, ofRows);
            owners = Optional.of(new Owners(
                    owned.add(machine.allocateBriefly("examples of rows", places)),
                    owned.add(TokenSegments.of(machine, "rows of examples", places, examples.size())),
                    ofRows));
        }
        return owners.get();
    }

    /** The rows that have labels of an output. */
    LabelledRows labelled(int output) {
        return labelled.computeIfAbsent(output, this::find);
    }

    private LabelledRows find(int output) {
        List<int[]> found = new ArrayList<>(); // example, row, label
        List<Integer> firsts = new ArrayList<>();
        for (int k = 0; k < examples.size(); k++) {
            firsts.add(found.size());
            for (int token = 0; token < examples.get(k).length(); token++) {
                int label = examples.get(k).label(output, token);
                if (label >= 0) {
                    found.add(new int[] {k, starts[k] + token, label});
                }
            }
        }
        firsts.add(found.size());
        int count = rounded(found.size());
        int[] ofRow = new int[count];
        int[] label = new int[count];
        int[] owner = new int[count];
        Arrays.fill(label, -1);
        int[] each = new int[examples.size()];
        for (int k = 0; k < found.size(); k++) {
            owner[k] = found.get(k)[0];
            ofRow[k] = found.get(k)[1];
            label[k] = found.get(k)[2];
            each[owner[k]]++;
        }
        double[] weights = new double[count];
        for (int k = 0; k < found.size(); k++) {
            weights[k] = 1.0 / each[owner[k]];
        }
        MachineArray ofLosses = owned.add(machine.allocateBriefly("weights of labels", real, count));
        machine.upload(weights, ofLosses);
        return new LabelledRows(
                count,
                owned.add(machine.allocateBriefly("rows with labels", ofRow)),
                owned.add(machine.allocateBriefly("labels", label)),
                ofLosses,
                List.copyOf(firsts),
                owned.add(TokenSegments.of(machine, "rows with labels", ofRow, rows)),
                owned.add(TokenSegments.of(machine, "examples of labels", owner, examples.size())));
    }

    @Override
    public void close() {
        owned.close();
    }
}
