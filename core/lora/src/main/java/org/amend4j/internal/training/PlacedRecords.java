/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Network.InputFormat;
import org.amend4j.internal.network.TokenReader;
import org.amend4j.internal.network.TokenSequence;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.training.RecordParts;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A data set on a machine, one example a row, images and sequences with channels last. Batches that lie in one piece are read where they are,
 * others are gathered there; only indices are sent, words of embeddings, and what transformers read and
 * say: their tokens without padding.
 */
public final class PlacedRecords implements AutoCloseable {

    /** Rows converted and sent at a time take at most so many bytes on the host. */
    private static final long CHUNK_BYTES = 32L << 20;

    private final Machine machine;
    private final ElementType real;
    private final int size;
    private final int capacity;
    private final List<Column> inputs = new ArrayList<>();
    private final List<Column> labels = new ArrayList<>();
    private final List<TokenSequence> tokens = new ArrayList<>();
    private final MachineArray order;
    private final Map<Integer, Integer> rooms;
    private final ElementType roomy;
    private final Owned owned = new Owned();

    /**
     * One array per example.
     *
     * @param owner what it is
     * @param all [examples, stride]; of words an empty array
     * @param batch a place for gathered rows, [capacity, stride]
     * @param width numbers of an example
     * @param stride from one example to the next
     * @param words on the heap, if they are words
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Column(
            String owner, MachineArray all, MachineArray batch, int width, int stride, Optional<int[]> words) {

        /** Some rows of either array. */
        MatrixView rows(MachineArray array, int count) {
            return new MatrixView(array, count, width, Math.max(1, stride));
        }

        /** A row with what is behind it. */
        long behind(int rows) {
            return (long) rows * stride;
        }

        /** The first rows of the batch. */
        MachineArray gathered(int count) {
            return batch.slice(0, behind(count));
        }

        /** Whether a batch's rows come from rows on the machine. */
        boolean isGathered() {
            return width > 0 && words.isEmpty();
        }
    }

    /** As {@link #PlacedRecords(Machine, ElementType, RecordParts, Network, int)}, with records that are one part. */
    public PlacedRecords(Machine machine, ElementType real, Records data, Network network, int capacity) {
        this(machine, real, RecordParts.whole(data), network, capacity);
    }

    /**
     * Copies a data set to a machine.
     *
     * @param network that is to read them; one that is only used reads no labels
     * @param capacity the most examples of a batch
     * @throws IllegalArgumentException if there are masks, examples or labels are of another shape than the network reads, a
     *     word is no row of its table, or parts have other than their number of records
     */
    public PlacedRecords(Machine machine, ElementType real, RecordParts data, Network network, int capacity) {
        this(machine, real, data, network, capacity, Map.of(), real);
    }

    /**
     * The same, with so many numbers behind each row of some inputs.
     *
     * @param roomy what these are kept in
     */
    public PlacedRecords(
            Machine machine,
            ElementType real,
            RecordParts data,
            Network network,
            int capacity,
            Map<Integer, Integer> rooms,
            ElementType roomy) {
        this.roomy = roomy;
        this.rooms = rooms;
        this.machine = machine;
        this.real = real;
        this.size = data.size();
        this.capacity = capacity;
        this.order = owned.add(machine.allocate("order of a batch", ElementType.INT, capacity));
        try {
            for (InputFormat format : network.inputs()) {
                inputs.add(input(format, rooms.getOrDefault(inputs.size(), 0)));
            }
            for (int k = 0; k < network.losses().size(); k++) {
                labels.add(network.tokenLoss(k).isPresent() ? onTheHeap() : label(network.output(k)));
            }
            int placed = 0;
            for (Records part : data.parts()) {
                requireSize(placed + part.size() <= size, placed + part.size());
                place(part, placed, network);
                placed += part.size();
            }
            requireSize(placed == size, placed);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void requireSize(boolean fits, int found) {
        if (!fits) {
            throw new IllegalArgumentException("parts must have " + size + " records in all, got " + found);
        }
    }

    private void place(Records part, int first, Network network) {
        if (part.hasMasks()) {
            throw new UnsupportedNetworkException("a plan takes data without masks");
        }
        MultiDataSet all = part.all();
        INDArray[] compared = labels.isEmpty() ? new INDArray[0] : all.getLabels();
        requireLabels(compared, labels.size());
        for (int k = 0; k < inputs.size(); k++) {
            INDArray features = all.getFeatures(k);
            InputFormat format = network.inputs().get(k);
            if (format.content() == Network.Content.WORDS) {
                requireWidth(features, inputs.get(k));
                place(network.words(k, numbers(features)), inputs.get(k), first);
            } else if (format.content() == Network.Content.NUMBERS) {
                place(features, channelsLast(format.channelsFirst()), inputs.get(k), first);
            }
        }
        if (network.tokens() >= 0) {
            tokens.addAll(TokenReader.read(network, first, all.getFeatures(network.tokens()), compared));
        }
        for (int k = 0; k < compared.length; k++) {
            if (network.tokenLoss(k).isEmpty()) {
                place(compared[k], channelsLast(network.output(k).channelsFirst()), labels.get(k), first);
            }
        }
    }

    private static float[] numbers(INDArray array) {
        return array.castTo(DataType.FLOAT).dup('c').data().asFloat();
    }

    private static void place(int[] words, Column column, int first) {
        System.arraycopy(words, 0, column.words().orElseThrow(), first * column.width(), words.length);
    }

    private static void requireLabels(INDArray[] arrays, int outputs) {
        if (arrays.length != outputs) {
            throw new IllegalArgumentException(
                    "labels must be one array per output, " + outputs + ", got " + arrays.length);
        }
    }

    /** The shape of an example of each input. */
    public static List<long[]> exampleShapes(Records data) {
        return Arrays.stream(data.all().getFeatures())
                .map(array -> Arrays.copyOfRange(array.shape(), 1, array.rank()))
                .toList();
    }

    private Column input(InputFormat format, int room) {
        return switch (format.content()) {
            case WORDS -> words(format);
            case TOKENS -> onTheHeap();
            case NUMBERS -> numbers("features", format.shape().size(), room);
        };
    }

    /** Of tokens and their labels, of which a run gets those of its examples. */
    private Column onTheHeap() {
        MachineArray nothing = owned.add(machine.allocate("tokens", ElementType.INT, 0));
        return new Column("tokens", nothing, nothing, 0, 0, Optional.empty());
    }

    private Column label(Network.Output output) {
        return numbers("labels of '" + output.vertex() + "'", output.shape().size(), 0);
    }

    private Column numbers(String owner, int width, int room) {
        int stride = width + room;
        ElementType type = room == 0 ? real : roomy;
        MachineArray all = owned.add(machine.allocate(owner, type, (long) size * stride));
        MachineArray batch = owned.add(machine.allocate(owner + " of a batch", type, (long) capacity * stride));
        return new Column(owner, all, batch, width, stride, Optional.empty());
    }

    private static Function<INDArray, INDArray> channelsLast(boolean first) {
        return array -> {
            if (!first) {
                return array;
            }
            return array.rank() == 3 ? array.permute(0, 2, 1) : array.permute(0, 2, 3, 1);
        };
    }

    private static int width(INDArray array) {
        return Math.toIntExact(array.length() / array.size(0));
    }

    private static void requireWidth(INDArray array, Column column) {
        if (width(array) != column.width()) {
            throw new IllegalArgumentException(
                    column.owner() + " must have " + column.width() + " numbers an example, got " + width(array));
        }
    }

    private void place(INDArray array, Function<INDArray, INDArray> view, Column column, int first) {
        requireWidth(array, column);
        int width = column.width();
        int examples = Math.toIntExact(array.size(0));
        int rows = (int) Math.max(1, CHUNK_BYTES / ((long) width * Float.BYTES));
        for (int from = 0; from < examples; from += rows) {
            int count = Math.min(rows, examples - from);
            INDArray chunk = view.apply(array.get(NDArrayIndex.interval(from, (long) from + count)))
                    .castTo(real == ElementType.DOUBLE ? DataType.DOUBLE : DataType.FLOAT)
                    .dup('c');
            upload(chunk, column, column.all().slice(column.behind(first + from), column.behind(count)));
        }
    }

    private void upload(INDArray from, Column column, MachineArray to) {
        if (real == ElementType.DOUBLE) {
            machine.upload(from.data().asDouble(), to);
        } else if (to.type() == ElementType.BFLOAT16) {
            machine.uploadRounded(spread(from.data().asFloat(), column), to);
        } else {
            machine.upload(spread(from.data().asFloat(), column), to);
        }
    }

    /** Rows with what is behind them, 0. */
    private static float[] spread(float[] rows, Column column) {
        if (column.width() == column.stride()) {
            return rows;
        }
        int count = rows.length / column.width();
        float[] result = new float[Math.multiplyExact(count, column.stride())];
        for (int row = 0; row < count; row++) {
            System.arraycopy(rows, row * column.width(), result, row * column.stride(), column.width());
        }
        return result;
    }

    private Column words(InputFormat format) {
        int each = format.shape().size();
        return new Column(
                "words",
                owned.add(machine.allocate("words", ElementType.INT, 0)),
                owned.add(machine.allocate("words of a batch", ElementType.INT, (long) capacity * each)),
                each,
                each,
                Optional.of(new int[Math.multiplyExact(size, each)]));
    }

    /** The number of examples. */
    public int size() {
        return size;
    }

    /**
     * Some examples, ready for a run.
     *
     * @param chosen indices of examples
     * @param from first place in {@code chosen}
     * @param to the place behind the last, at most the capacity behind the first
     */
    public Examples batch(int[] chosen, int from, int to, Optional<MachineArray> losses) {
        boolean inOnePiece = IntStream.range(from + 1, to).allMatch(k -> chosen[k] == chosen[k - 1] + 1);
        if (!inOnePiece) {
            machine.upload(Arrays.copyOfRange(chosen, from, to), order.slice(0, (long) to - from));
            gather(to - from);
        }
        Function<Column, MachineArray> rows = column -> column.words().isPresent()
                ? sendWords(column, chosen, from, to)
                : inOnePiece ? piece(column, chosen[from], to - from) : column.gathered(to - from);
        return examples(to - from, rows, wordsOf(chosen, from, to), tokensOf(chosen, from, to), losses);
    }

    /** Whether an input is words or tokens, which are sent for every batch. */
    public boolean hasWords() {
        return !tokens.isEmpty()
                || inputs.stream().anyMatch(column -> column.words().isPresent());
    }

    private List<TokenSequence> tokensOf(int[] chosen, int from, int to) {
        return tokens.isEmpty()
                ? tokens
                : IntStream.range(from, to).mapToObj(k -> tokens.get(chosen[k])).toList();
    }

    /**
     * The examples chosen last, gathered to the same place every time.
     *
     * @throws IllegalStateException if an input is words
     */
    public Examples gathered(int count, MachineArray losses) {
        if (hasWords()) {
            throw new IllegalStateException("words are sent for every batch");
        }
        gather(count);
        return examples(count, column -> column.gathered(count), Map.of(), List.of(), Optional.of(losses));
    }

    /** The indices of the examples that {@link #gathered} gives, on the machine. */
    public MachineArray chosen() {
        return order;
    }

    private Examples examples(
            int count,
            Function<Column, MachineArray> rows,
            Map<Integer, int[]> words,
            List<TokenSequence> ofExamples,
            Optional<MachineArray> losses) {
        return new Examples(
                count,
                inputs.stream().map(rows).toList(),
                labels.stream().map(rows).toList(),
                losses,
                Optional.empty(),
                words,
                ofExamples,
                rooms);
    }

    private static MachineArray piece(Column column, int first, int count) {
        return column.all().slice(column.behind(first), column.behind(count));
    }

    /** The examples that are chosen, to their places in the batch: an input and a label by one launch. */
    private void gather(int count) {
        List<Column> features = inputs.stream().filter(Column::isGathered).toList();
        List<Column> compared = labels.stream().filter(Column::isGathered).toList();
        int pairs = Math.min(features.size(), compared.size());
        for (int k = 0; k < pairs; k++) {
            gather(features.get(k), compared.get(k), count);
        }
        features.stream().skip(pairs).forEach(column -> gather(column, count));
        compared.stream().skip(pairs).forEach(column -> gather(column, count));
    }

    private void gather(Column input, Column label, int count) {
        machine.kernels()
                .embedding()
                .gatherPair(
                        input.rows(input.all(), size),
                        label.rows(label.all(), size),
                        order.slice(0, count),
                        input.rows(input.gathered(count), count),
                        label.rows(label.gathered(count), count));
    }

    private void gather(Column column, int count) {
        machine.kernels()
                .embedding()
                .gather(
                        column.rows(column.all(), size),
                        order.slice(0, count),
                        column.rows(column.gathered(count), count));
    }

    private MachineArray sendWords(Column column, int[] chosen, int from, int to) {
        MachineArray batch = column.gathered(to - from);
        machine.upload(words(column, chosen, from, to), batch);
        return batch;
    }

    private static int[] words(Column column, int[] chosen, int from, int to) {
        int[] all = column.words().orElseThrow();
        int each = column.width();
        int[] result = new int[(to - from) * each];
        for (int k = from; k < to; k++) {
            System.arraycopy(all, chosen[k] * each, result, (k - from) * each, each);
        }
        return result;
    }

    private Map<Integer, int[]> wordsOf(int[] chosen, int from, int to) {
        Map<Integer, int[]> result = new HashMap<>();
        for (int k = 0; k < inputs.size(); k++) {
            if (inputs.get(k).words().isPresent()) {
                result.put(k, words(inputs.get(k), chosen, from, to));
            }
        }
        return result;
    }

    @Override
    public void close() {
        owned.close();
    }
}
