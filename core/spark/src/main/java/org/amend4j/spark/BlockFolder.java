/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.graph.Records;
import org.amend4j.objective.blocks.RecordBlocks;
import org.amend4j.objective.blocks.RecordBlocks.Block;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Blocks as files of a folder that all executors see under the same path: {@code block-<number>.safetensors} has the ids and subjects of
 * a block's records and the arrays of their features, labels and masks, in order.
 *
 * @param folder its path
 */
public record BlockFolder(String folder) implements BlockReader {

    private static final String PREFIX = "block-";
    private static final String SUFFIX = ".safetensors";
    private static final String UNFINISHED = ".unfinished";
    private static final String[] PARTS = {"features.", "labels.", "features_mask.", "labels_mask."};

    /** A folder by its path. */
    public static BlockFolder at(Path folder) {
        return new BlockFolder(folder.toAbsolutePath().toString());
    }

    /**
     * Writes records into a folder, one file per block. Blocks without any of these records lose their files, so a subject who was all of a
     * block is gone with the file.
     *
     * @param blocks of the records
     */
    public void write(Records records, RecordBlocks blocks) throws IOException {
        Files.createDirectories(Path.of(folder));
        for (Block block : blocks.blocks()) {
            write(file(block.number()), records.only(block.ids()));
        }
        Set<Long> written = blocks.blocks().stream().map(Block::number).collect(Collectors.toSet());
        for (long number : numbers()) {
            if (!written.contains(number)) {
                Files.delete(file(number));
            }
        }
    }

    /** Writes one block's records. */
    static void write(Path file, Records some) throws IOException {
        List<TensorData> tensors = new ArrayList<>();
        tensors.add(numbers("ids", some.ids().stream()));
        tensors.add(numbers("subjects", LongStream.range(0, some.size()).map(k -> some.subject((int) k))));
        org.nd4j.linalg.dataset.api.MultiDataSet all = some.all();
        add(PARTS[0], all.getFeatures(), tensors);
        add(PARTS[1], all.getLabels(), tensors);
        add(PARTS[2], all.getFeaturesMaskArrays(), tensors);
        add(PARTS[3], all.getLabelsMaskArrays(), tensors);
        SafetensorsWriter.write(file, Map.of(), tensors);
    }

    private static TensorData numbers(String name, LongStream values) {
        long[] all = values.toArray();
        return TensorData.ofLongs(name, List.of((long) all.length), all);
    }

    private static void add(String part, @Nullable INDArray @Nullable [] arrays, List<TensorData> tensors) {
        for (int k = 0; arrays != null && k < arrays.length; k++) {
            INDArray array = arrays[k];
            if (array != null) {
                INDArray dense = array.dup('c');
                List<Long> shape = Arrays.stream(array.shape()).boxed().toList();
                tensors.add(
                        array.dataType() == DataType.DOUBLE
                                ? TensorData.ofDoubles(
                                        part + k, shape, dense.data().asDouble())
                                : TensorData.ofFloats(
                                        part + k, shape, dense.data().asFloat()));
            }
        }
    }

    Path file(long block) {
        return Path.of(folder, PREFIX + block + SUFFIX);
    }

    /** What is there while files of blocks change of which some are of no use without the others. */
    Path unfinished() {
        return Path.of(folder, UNFINISHED);
    }

    /**
     * The numbers of the blocks that have files, ascending.
     *
     * @throws IOException also if a {@link BlockImport} has stopped between the first file and the last
     */
    public long[] numbers() throws IOException {
        if (Files.exists(unfinished())) {
            throw new IOException("all blocks must be of one table, got " + folder
                    + ", where some are of a table whose import did not end; run it again");
        }
        return found();
    }

    /** The numbers of the blocks that have files, of one table or not. */
    long[] found() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(PREFIX + "(0|-?[1-9]\\d{0,17})" + SUFFIX))
                    .mapToLong(name -> Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length())))
                    .sorted()
                    .toArray();
        }
    }

    @Override
    public Records read(long block) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file(block))) {
            int features = count(file, PARTS[0]);
            int labels = count(file, PARTS[1]);
            MultiDataSet data = new MultiDataSet(
                    arrays(file, PARTS[0], features),
                    arrays(file, PARTS[1], labels),
                    arrays(file, PARTS[2], features),
                    arrays(file, PARTS[3], labels));
            return Records.of(data).withIds(numbers(file, "ids")).ownedBy(numbers(file, "subjects"));
        }
    }

    private static int count(SafetensorsFile file, String part) {
        int count = 0;
        while (file.tensors().containsKey(part + count)) {
            count++;
        }
        return count;
    }

    private static @Nullable INDArray[] arrays(SafetensorsFile file, String part, int count) throws IOException {
        @Nullable INDArray[] arrays = new INDArray[count];
        for (int k = 0; k < count; k++) {
            TensorInfo tensor = file.tensors().get(part + k);
            if (tensor != null) {
                long[] shape = tensor.shape().stream().mapToLong(size -> size).toArray();
                INDArray flat = tensor.dtype() == DType.F64
                        ? Nd4j.createFromArray(file.readDoubles(part + k))
                        : Nd4j.createFromArray(file.readFloats(part + k));
                arrays[k] = flat.reshape('c', shape);
            }
        }
        return arrays;
    }

    private long[] numbers(SafetensorsFile file, String name) throws IOException {
        TensorInfo tensor = file.tensors().get(name);
        if (tensor == null || tensor.dtype() != DType.I64) {
            throw new IOException(
                    "a block's file must have the whole numbers '" + name + "', got none (" + file.path() + ")");
        }
        LongBuffer values = LongBuffer.allocate(Math.toIntExact(tensor.elements()));
        file.forEachChunk(name, (ByteBuffer chunk) -> values.put(chunk.asLongBuffer()));
        return values.array();
    }
}
