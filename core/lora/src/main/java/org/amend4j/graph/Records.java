/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.RecordIds;
import org.amend4j.record.RecordBytes;
import org.amend4j.record.RecordBytes.Part;
import org.amend4j.record.RecordContents;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Examples in memory, each with an id and a subject. Arrays have one example per index of their first dimension. They are
 * not copied if they are FLOAT or DOUBLE and in C order: the caller must not change them afterwards.
 */
public final class Records {

    /** The four arrays a network may read for an example, one per network input or output each; masks may be absent. */
    private record Columns(
            List<INDArray> features,
            List<INDArray> labels,
            List<Optional<INDArray>> featureMasks,
            List<Optional<INDArray>> labelMasks) {

        Columns map(Function<INDArray, INDArray> change) {
            return new Columns(
                    features.stream().map(change).toList(),
                    labels.stream().map(change).toList(),
                    featureMasks.stream().map(mask -> mask.map(change)).toList(),
                    labelMasks.stream().map(mask -> mask.map(change)).toList());
        }
    }

    private final Columns columns;
    private final RecordIds ids;
    private final long[] subjects;

    private Records(Columns columns, RecordIds ids, long[] subjects) {
        this.columns = columns;
        this.ids = ids;
        this.subjects = subjects;
    }

    /**
     * Examples with the ids 0, 1, ..., each its own subject.
     *
     * @throws IllegalArgumentException if there are none, if sizes differ, or if a value is NaN or infinite
     */
    public static Records of(MultiDataSet data) {
        int n = (int) data.getFeatures(0).size(0);
        Columns columns = new Columns(
                checked("features", data.getFeatures(), n),
                checked("labels", data.getLabels(), n),
                checkedMasks("feature mask", data.getFeaturesMaskArrays(), data.getFeatures().length, n),
                checkedMasks("label mask", data.getLabelsMaskArrays(), data.getLabels().length, n));
        if (n == 0) {
            throw new IllegalArgumentException("a data set must have records, got none");
        }
        RecordIds ids = RecordIds.firstN(n);
        return new Records(columns, ids, ids.stream().toArray());
    }

    /** As {@link #of(MultiDataSet)}. */
    public static Records of(DataSet data) {
        return of(data.toMultiDataSet());
    }

    /** All examples an iterator has left, copied into arrays of their own. */
    public static Records read(MultiDataSetIterator batches) {
        List<MultiDataSet> all = new ArrayList<>();
        batches.forEachRemaining(all::add);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a data set must have records, got none");
        }
        return of(org.nd4j.linalg.dataset.MultiDataSet.merge(all));
    }

    private static List<INDArray> checked(String what, INDArray[] arrays, int n) {
        List<INDArray> result = new ArrayList<>();
        for (int k = 0; k < arrays.length; k++) {
            result.add(checked(what + " " + k, arrays[k], n));
        }
        return List.copyOf(result);
    }

    private static List<Optional<INDArray>> checkedMasks(
            String what, @Nullable INDArray @Nullable [] arrays, int length, int n) {
        List<Optional<INDArray>> result = new ArrayList<>();
        for (int k = 0; k < length; k++) {
            INDArray array = arrays == null ? null : arrays[k];
            result.add(array == null ? Optional.empty() : Optional.of(checked(what + " " + k, array, n)));
        }
        return List.copyOf(result);
    }

    private static INDArray checked(String what, INDArray array, int n) {
        if (array.size(0) != n) {
            throw new IllegalArgumentException(
                    what + " must have " + n + " records as the first features have, got " + array.size(0));
        }
        if (array.dataType() != DataType.FLOAT && array.dataType() != DataType.DOUBLE) {
            throw new IllegalArgumentException(what + " must be FLOAT or DOUBLE, got " + array.dataType());
        }
        if (!BaseModel.isFinite(array)) {
            throw new IllegalArgumentException(
                    what + " must be finite, got NaN or infinity in record " + notFinite(array));
        }
        return inOrder(array);
    }

    private static long notFinite(INDArray array) {
        for (long i = 0; i < array.size(0); i++) {
            if (!BaseModel.isFinite(array.slice(i))) {
                return i;
            }
        }
        throw new IllegalStateException("a sum was not finite, but every record is");
    }

    private static INDArray inOrder(INDArray array) {
        long expected = 1;
        for (int k = array.rank() - 1; k >= 0; k--) {
            if (array.size(k) != 1 && array.stride(k) != expected) {
                return array.dup('c');
            }
            expected *= array.size(k);
        }
        return array.ordering() == 'c' ? array : array.dup('c');
    }

    /**
     * The same examples under other ids.
     *
     * @param newIds ascending, one per example
     * @throws IllegalArgumentException if the number differs or they do not ascend
     */
    public Records withIds(long... newIds) {
        requireOnePerRecord("ids", newIds);
        RecordIds sorted = RecordIds.of(newIds);
        if (!Arrays.equals(sorted.stream().toArray(), newIds)) {
            throw new IllegalArgumentException("record ids must ascend");
        }
        return new Records(columns, sorted, subjects);
    }

    /**
     * The same examples with subjects: subjects or users who may have their records deleted.
     *
     * @param newSubjects one per example, any numbers
     */
    public Records ownedBy(long... newSubjects) {
        requireOnePerRecord("subjects", newSubjects);
        return new Records(columns, ids, newSubjects.clone());
    }

    private void requireOnePerRecord(String what, long[] values) {
        if (values.length != size()) {
            throw new IllegalArgumentException(what + " must be " + size() + ", one per record, got " + values.length);
        }
    }

    /** The number of examples. */
    public int size() {
        return ids.size();
    }

    /** Their ids; the k-th smallest is the k-th example's. */
    public RecordIds ids() {
        return ids;
    }

    /** The subject of the k-th example. */
    public long subject(int k) {
        return subjects[k];
    }

    /** Some examples in ascending order of their subjects, each one's in the given order. */
    public int[] bySubject(int... order) {
        return Arrays.stream(order)
                .boxed()
                .sorted(Comparator.comparingLong(this::subject))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The ids of all examples of some subjects. */
    public RecordIds ownedByAnyOf(long... wanted) {
        long[] sorted = wanted.clone();
        Arrays.sort(sorted);
        long[] found = IntStream.range(0, size())
                .filter(k -> Arrays.binarySearch(sorted, subjects[k]) >= 0)
                .mapToLong(ids::get)
                .toArray();
        return RecordIds.of(found);
    }

    /** All examples, the k-th in place k. The arrays are the records' own: read them only. */
    public MultiDataSet all() {
        return batch(IntStream.range(0, size()).toArray(), 0, size());
    }

    /** Whether an example has a mask, on features or labels. */
    public boolean hasMasks() {
        return columns.featureMasks.stream().anyMatch(Optional::isPresent)
                || columns.labelMasks.stream().anyMatch(Optional::isPresent);
    }

    /** The same examples as arrays of one type; copied if they are not. */
    Records as(DataType type) {
        return new Records(columns.map(array -> array.castTo(type)), ids, subjects);
    }

    /**
     * Some of the examples, under their ids and with their subjects: views where they lie next to one another, else copies.
     *
     * @param subset at least one of {@link #ids}
     * @throws IllegalArgumentException if the subset is empty or holds ids that are not here
     */
    public Records only(RecordIds subset) {
        ids.requireAll(subset);
        if (subset.isEmpty()) {
            throw new IllegalArgumentException("a data set must have records, got an empty subset");
        }
        int[] places = subset.stream().mapToInt(ids::indexOf).toArray();
        return new Records(
                columns.map(rows -> pick(rows, places, 0, places.length)),
                subset,
                Arrays.stream(places).mapToLong(this::subject).toArray());
    }

    /**
     * Some examples, as views if they lie next to one another, else as copies.
     *
     * @param order indices of examples
     * @param from first place in {@code order}
     * @param to the place behind the last
     */
    MultiDataSet batch(int[] order, int from, int to) {
        Function<INDArray, INDArray> pick = rows -> pick(rows, order, from, to);
        return new org.nd4j.linalg.dataset.MultiDataSet(
                columns.features.stream().map(pick).toArray(INDArray[]::new),
                columns.labels.stream().map(pick).toArray(INDArray[]::new),
                masks(columns.featureMasks, pick),
                masks(columns.labelMasks, pick));
    }

    private static @Nullable INDArray @Nullable [] masks(
            List<Optional<INDArray>> masks, Function<INDArray, INDArray> pick) {
        return masks.stream().allMatch(Optional::isEmpty)
                ? null
                : masks.stream().map(mask -> mask.map(pick).orElse(null)).toArray(INDArray[]::new);
    }

    private static INDArray pick(INDArray rows, int[] order, int from, int to) {
        long[] shape = rows.shape().clone(); // ND4J hands out its own
        long width = rows.length() / shape[0];
        INDArray flat = rows.reshape('c', new long[] {shape[0], width});
        shape[0] = (long) to - from;
        INDArray picked = isRun(order, from, to)
                ? view(flat, order[from], shape[0])
                : Nd4j.pullRows(flat, 1, Arrays.copyOfRange(order, from, to), 'c');
        return picked.reshape('c', shape);
    }

    /** Of a view that begins within its own length, {@code get} takes the rows behind its offset for none (ND4J 1.0.0-M2.1). */
    private static INDArray view(INDArray matrix, long firstRow, long rows) {
        long width = matrix.size(1);
        return Nd4j.create(
                matrix.data(),
                new long[] {rows, width},
                new long[] {width, 1},
                matrix.offset() + firstRow * width,
                'c',
                matrix.dataType());
    }

    private static boolean isRun(int[] order, int from, int to) {
        return IntStream.range(from + 1, to).allMatch(k -> order[k] == order[k - 1] + 1);
    }

    /** The examples as bytes, to be committed to; each of its arrays has the shape of one example. */
    public RecordContents contents() {
        List<ArrayRows> arrays = new ArrayList<>();
        columns.features.forEach(array -> arrays.add(new ArrayRows(Part.FEATURES, array)));
        columns.labels.forEach(array -> arrays.add(new ArrayRows(Part.LABELS, array)));
        columns.featureMasks.forEach(
                mask -> mask.ifPresent(array -> arrays.add(new ArrayRows(Part.FEATURE_MASK, array))));
        columns.labelMasks.forEach(mask -> mask.ifPresent(array -> arrays.add(new ArrayRows(Part.LABEL_MASK, array))));
        return new RecordContents() {
            @Override
            public int size() {
                return Records.this.size();
            }

            @Override
            public long id(int k) {
                return ids.get(k);
            }

            @Override
            public long unit(int k) {
                return subjects[k];
            }

            @Override
            public byte[] content(int k) {
                RecordBytes bytes = new RecordBytes();
                arrays.forEach(array -> array.addTo(bytes, k));
                return bytes.toBytes();
            }
        };
    }

    /** Feeds everything into a digest. */
    void update(MessageDigest digest) {
        ByteBuffer numbers = ByteBuffer.allocate(16 * size());
        for (int k = 0; k < size(); k++) {
            numbers.putLong(ids.get(k)).putLong(subjects[k]);
        }
        digest.update(numbers.flip());
        columns.features.forEach(array -> update(digest, array));
        columns.labels.forEach(array -> update(digest, array));
        columns.featureMasks.forEach(mask -> update(digest, mask));
        columns.labelMasks.forEach(mask -> update(digest, mask));
    }

    private static void update(MessageDigest digest, Optional<INDArray> array) {
        digest.update((byte) (array.isPresent() ? 1 : 0));
        array.ifPresent(values -> update(digest, values));
    }

    private static void update(MessageDigest digest, INDArray array) {
        digest.update((array.dataType() + Arrays.toString(array.shape())).getBytes(StandardCharsets.UTF_8));
        ArrayBytes.update(digest, array);
    }
}
