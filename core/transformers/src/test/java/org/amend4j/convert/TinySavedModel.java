/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.testkit.TinyCheckpoint;
import org.tensorflow.framework.AttrValue;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.GraphDef;
import org.tensorflow.framework.MetaGraphDef;
import org.tensorflow.framework.NodeDef;
import org.tensorflow.framework.SavedModel;
import org.tensorflow.framework.TensorProto;

/** The files of a small BERT as TensorFlow saves them, from a checkpoint for masked words; names and bytes by rules of its own. */
final class TinySavedModel {

    static final String INDEX = "variables/variables.index";
    static final String DATA = "variables/variables.data-00000-of-00001";
    static final String GRAPH = "saved_model.pb";

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final GraphDef.Builder graph = GraphDef.newBuilder();

    private TinySavedModel() {
        entries.put("", new byte[] {8, 1, 26, 2, 8, 1});
    }

    static TinySavedModel of(TinyCheckpoint tiny, String activation, int heads) throws IOException {
        TinySavedModel model = new TinySavedModel();
        for (String name : tiny.names()) {
            boolean matrix = name.endsWith("dense.weight") || name.matches(".*(query|key|value)\\.weight");
            float[] values = tiny.values(name);
            String stored = "module/"
                    + name.replaceAll("_embeddings\\.weight$", "_embeddings")
                            .replace("predictions.bias", "predictions.output_bias")
                            .replaceAll("LayerNorm\\.weight$", "LayerNorm.gamma")
                            .replaceAll("LayerNorm\\.bias$", "LayerNorm.beta")
                            .replaceAll("\\.weight$", ".kernel")
                            .replaceAll("\\.(\\d+)\\.", "_$1/")
                            .replace('.', '/');
            int rows = rows(tiny, name);
            if (!matrix && rows == 0) {
                model.put(stored, values, values.length);
            } else if (matrix) {
                model.put(stored, turned(values, rows), values.length / rows, rows);
            } else {
                model.put(stored, values, rows, values.length / rows);
            }
        }
        int hidden = tiny.integer("hidden_size");
        model.put("module/bert/pooler/dense/kernel", new float[hidden * hidden], hidden, hidden);
        model.put("module/bert/pooler/dense/bias", new float[hidden], hidden);
        model.node("apply/bert/embeddings/LayerNorm/batchnorm/add/y", "Const", number(1e-12f));
        for (int layer = 0; layer < tiny.integer("num_hidden_layers"); layer++) {
            String path = "apply/bert/encoder/layer_" + layer + "/";
            model.node(path + "attention/self/Reshape/shape/2", "Const", wholeNumber(heads));
            model.node(path + "intermediate/dense/" + activation, activation, TensorProto.getDefaultInstance());
            model.node(path + "output/LayerNorm/batchnorm/add/y", "Const", number(1e-12f));
        }
        return model;
    }

    /** Of a matrix or table; 0 of a vector. */
    private static int rows(TinyCheckpoint tiny, String name) {
        if (name.endsWith("word_embeddings.weight")) {
            return tiny.integer("vocab_size");
        }
        if (name.endsWith("position_embeddings.weight")) {
            return tiny.integer("max_position_embeddings");
        }
        if (name.endsWith("token_type_embeddings.weight")) {
            return tiny.integer("type_vocab_size");
        }
        if (!name.endsWith(".weight") || name.endsWith("LayerNorm.weight")) {
            return 0;
        }
        return name.endsWith("intermediate.dense.weight")
                ? tiny.integer("intermediate_size")
                : tiny.integer("hidden_size");
    }

    private static float[] turned(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int k = 0; k < values.length; k++) {
            turned[k % columns * rows + k / columns] = values[k];
        }
        return turned;
    }

    private static TensorProto wholeNumber(int value) {
        return TensorProto.newBuilder()
                .setDtype(DataType.DT_INT32)
                .addIntVal(value)
                .build();
    }

    private static TensorProto number(float value) {
        return TensorProto.newBuilder()
                .setDtype(DataType.DT_FLOAT)
                .addFloatVal(value)
                .build();
    }

    TinySavedModel node(String name, String kind, TensorProto value) {
        graph.addNode(NodeDef.newBuilder()
                .setName(name)
                .setOp(kind)
                .putAttr("value", AttrValue.newBuilder().setTensor(value).build()));
        return this;
    }

    TinySavedModel put(String name, float[] values, int... shape) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        ByteArrayOutputStream dims = new ByteArrayOutputStream();
        for (int size : shape) {
            ByteArrayOutputStream dim = new ByteArrayOutputStream();
            dim.write(8);
            number(dim, size);
            dims.write(18);
            number(dims, dim.size());
            dims.write(dim.toByteArray());
        }
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        entry.write(8);
        entry.write(1);
        entry.write(18);
        number(entry, dims.size());
        entry.write(dims.toByteArray());
        entry.write(32);
        number(entry, data.size());
        entry.write(40);
        number(entry, bytes.capacity());
        entry.write(53);
        fixed(entry, sum(bytes.array()));
        entries.put(name, entry.toByteArray());
        data.write(bytes.array());
        return this;
    }

    TinySavedModel drop(String name) {
        entries.remove(name);
        return this;
    }

    /** The index with a byte of an entry changed, under right checksums. */
    byte[] damagedIndex(Random random) throws IOException {
        List<byte[]> all = List.copyOf(entries.values());
        byte[] entry = all.get(random.nextInt(all.size()));
        int at = random.nextInt(entry.length);
        byte right = entry[at];
        entry[at] = (byte) random.nextInt();
        byte[] index = index();
        entry[at] = right;
        return index;
    }

    private static void number(OutputStream out, long value) throws IOException {
        for (long rest = value; ; rest >>>= 7) {
            if (rest < 128) {
                out.write((int) rest);
                return;
            }
            out.write((int) ((rest & 127) | 128));
        }
    }

    private static void fixed(OutputStream out, int value) throws IOException {
        out.write(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private static int sum(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        int plain = (int) sum.getValue();
        return (plain >>> 15 | plain << 17) + 0xa282ead8;
    }

    /** Two blocks of entries, their index and the footer. */
    private byte[] index() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Map<String, byte[]> places = new LinkedHashMap<>();
        List<String> names = List.copyOf(entries.keySet());
        for (List<String> part : List.of(names.subList(0, 5), names.subList(5, names.size()))) {
            Map<String, byte[]> own = new LinkedHashMap<>();
            part.forEach(name -> own.put(name, entries.get(name)));
            places.put(part.get(part.size() - 1), block(file, own));
        }
        ByteArrayOutputStream footer = new ByteArrayOutputStream();
        footer.write(block(file, Map.of()));
        footer.write(block(file, places));
        file.write(Arrays.copyOf(footer.toByteArray(), 40));
        fixed(file, 0x8b80fb57);
        fixed(file, 0xdb477524);
        return file.toByteArray();
    }

    /** @return its place */
    private static byte[] block(ByteArrayOutputStream file, Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        String before = "";
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            String key = entry.getKey();
            int shared = 0;
            while (shared < Math.min(before.length(), key.length()) && before.charAt(shared) == key.charAt(shared)) {
                shared++;
            }
            number(block, shared);
            number(block, key.length() - shared);
            number(block, entry.getValue().length);
            block.write(key.substring(shared).getBytes(StandardCharsets.UTF_8));
            block.write(entry.getValue());
            before = key;
        }
        fixed(block, 0);
        fixed(block, 1);
        ByteArrayOutputStream place = new ByteArrayOutputStream();
        number(place, file.size());
        number(place, block.size());
        block.write(0);
        int sum = sum(block.toByteArray());
        file.write(block.toByteArray());
        fixed(file, sum);
        return place.toByteArray();
    }

    Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("assets/vocab.txt", "[PAD]\n[UNK]\n".getBytes(StandardCharsets.UTF_8));
        files.put(
                GRAPH,
                SavedModel.newBuilder()
                        .addMetaGraphs(MetaGraphDef.newBuilder().setGraphDef(graph))
                        .build()
                        .toByteArray());
        files.put(INDEX, index());
        files.put(DATA, data.toByteArray());
        return files;
    }

    static Path folder(Map<String, byte[]> files, Path folder) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.resolveSibling("."));
            Files.write(path, file.getValue());
        }
        return folder;
    }

    static byte[] zip(Map<String, byte[]> files, String prefix) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(prefix + file.getKey()));
                zip.write(file.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
