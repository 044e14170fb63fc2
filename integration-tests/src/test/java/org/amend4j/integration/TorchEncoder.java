/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderLayerNames;
import org.amend4j.checkpoint.TransformerCheckpoint;

/**
 * An {@link EncoderProblem} in libtorch, written as a DJL user who cares about speed would: fused linear calls and norms, exact GELU, eager
 * attention (DJL has no fused one), frozen arrays without gradients, autograd for the rest, the tables of positions and types added once,
 * and whatever autograd does not keep freed behind each layer.
 */
public final class TorchEncoder implements LoraPeer {

    private final EncoderConfig config;
    private final NDManager manager;
    private final Engine engine;
    private final TorchParameters parameters;
    private final NDArray words;
    private final NDArray positions;
    private final Norm norm;
    private final List<Layer> layers = new ArrayList<>();
    private final NDArray headWeight;
    private final NDArray headBias;
    private final NDArray tokens;
    private final NDArray labels;

    /* Alive as long as the network: see TorchLora. */
    private final NDArray loraScale;
    private final NDArray attentionScale;
    private final NDArray minusOneOverBatch;

    private record Norm(NDArray gain, NDArray bias) {}

    /** W in PyTorch's orientation, b, and the factors. */
    private record Adapted(NDArray weight, NDArray bias, NDArray down, NDArray up) {}

    private record Layer(
            Adapted query,
            Adapted key,
            Adapted value,
            Adapted attended,
            Norm middle,
            Adapted wide,
            Adapted narrow,
            Norm last) {}

    /**
     * Copies weights into libtorch.
     *
     * @param folder with the base
     * @param factors by the names of {@link LoraPeer#parameters}
     */
    public TorchEncoder(EncoderProblem problem, Path folder, Map<String, float[]> factors, double learningRate)
            throws IOException {
        config = problem.config();
        manager = Libtorch.newManager();
        engine = manager.getEngine();
        parameters = new TorchParameters(UpdateRule.SGD, learningRate);
        try (TransformerCheckpoint base = TransformerCheckpoint.open(folder)) {
            Reader reader = new Reader(base, problem, factors);
            int width = config.hiddenSize();
            words = reader.array(problem.names().words(), config.vocabulary(), width);
            positions = reader.array(problem.names().positions(), config.positions(), width)
                    .get("0:" + problem.length())
                    .add(reader.array(problem.names().types(), config.types(), width)
                            .get(0));
            norm = reader.norm(problem.names().embeddings() + ".LayerNorm");
            for (int layer = 0; layer < config.layers(); layer++) {
                layers.add(reader.layer(problem.names().layer(layer)));
            }
            headWeight = reader.array(problem.names().classifier() + ".weight", problem.classes(), width);
            headBias = reader.array(problem.names().classifier() + ".bias", problem.classes());
        }
        tokens = manager.create(problem.tokens(), new Shape(problem.texts(), problem.length()))
                .duplicate();
        labels = TorchArrays.owned(manager, problem.classesOfTexts(), problem.texts(), problem.classes());
        loraScale = TorchArrays.owned(manager, new float[] {2}, 1);
        attentionScale = TorchArrays.owned(
                manager, new float[] {(float) (1 / Math.sqrt(config.hiddenSize() / (double) config.heads()))}, 1);
        minusOneOverBatch = TorchArrays.owned(manager, new float[] {-1f / problem.texts()}, 1);
    }

    /** Arrays of a checkpoint. */
    private final class Reader {

        private final TransformerCheckpoint base;
        private final int rank;
        private final Map<String, float[]> factors;

        Reader(TransformerCheckpoint base, EncoderProblem problem, Map<String, float[]> factors) {
            this.base = base;
            this.rank = problem.rank();
            this.factors = factors;
        }

        NDArray array(String name, long... shape) throws IOException {
            return TorchArrays.owned(manager, base.read(name), shape);
        }

        Norm norm(String name) throws IOException {
            int width = config.hiddenSize();
            return new Norm(array(name + ".weight", width), array(name + ".bias", width));
        }

        Layer layer(EncoderLayerNames names) throws IOException {
            int width = config.hiddenSize();
            int inner = config.intermediateSize();
            return new Layer(
                    adapted(names.query(), width, width),
                    adapted(names.key(), width, width),
                    adapted(names.value(), width, width),
                    adapted(names.output(), width, width),
                    norm(names.attentionNorm()),
                    adapted(names.wide(), width, inner),
                    adapted(names.narrow(), inner, width),
                    norm(names.norm()));
        }

        private Adapted adapted(String name, int inputs, int outputs) throws IOException {
            NDArray down = TorchArrays.transposed(manager, factor(name + ".A"), inputs, rank);
            NDArray up = TorchArrays.transposed(manager, factor(name + ".B"), rank, outputs);
            parameters.train(name + ".A", down);
            parameters.train(name + ".B", up);
            return new Adapted(array(name + ".weight", outputs, inputs), array(name + ".bias", outputs), down, up);
        }

        private float[] factor(String name) {
            return Objects.requireNonNull(factors.get(name), name);
        }
    }

    @Override
    public float[] output() {
        try (NDManager scope = scope()) {
            return logits(scope).softmax(1).toFloatArray();
        }
    }

    /** One forward pass, of which autograd records nothing. */
    @Override
    public double loss() {
        boolean recording = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try (NDManager scope = scope()) {
            return meanLoss(scope).getFloat();
        } finally {
            JniUtils.setGradMode(recording);
        }
    }

    @Override
    public Map<String, float[]> gradients() {
        backward();
        return parameters.takeGradients();
    }

    @Override
    public void step() {
        backward();
        parameters.update();
    }

    @Override
    public Map<String, float[]> parameters() {
        return parameters.values();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Arrays alive in this network's own scope: constant over steps, or something leaks. */
    int liveArrays() {
        return manager.getManagedArrays().size();
    }

    private NDManager scope() {
        NDManager scope = manager.newSubManager();
        scope.tempAttachAll(tokens, labels);
        return scope;
    }

    private void backward() {
        try (NDManager scope = scope();
                GradientCollector collector = engine.newGradientCollector()) {
            collector.backward(meanLoss(scope));
        }
    }

    private NDArray meanLoss(NDManager scope) {
        return labels.mul(logits(scope).logSoftmax(1)).sum().mul(minusOneOverBatch);
    }

    private NDArray logits(NDManager scope) {
        NDArray x = normed(
                tokens.getNDArrayInternal()
                        .embedding(tokens, words, SparseFormat.DENSE)
                        .singletonOrThrow()
                        .add(positions),
                norm);
        for (Layer layer : layers) {
            try (NDManager inner = scope.newSubManager()) {
                x.attach(inner);
                x = through(layer, x);
                x.attach(scope);
            }
        }
        return Linear.linear(x.mean(new int[] {1}), headWeight, headBias).singletonOrThrow();
    }

    private NDArray through(Layer layer, NDArray x) {
        NDArray attended = attention(linear(x, layer.query()), linear(x, layer.key()), linear(x, layer.value()));
        NDArray middle = normed(linear(attended, layer.attended()).add(x), layer.middle());
        NDArray wide = linear(middle, layer.wide()).getNDArrayInternal().gelu();
        return normed(linear(wide, layer.narrow()).add(middle), layer.last());
    }

    private NDArray attention(NDArray queries, NDArray keys, NDArray values) {
        NDArray scores = heads(queries.mul(attentionScale)).matMul(heads(keys).transpose(0, 1, 3, 2));
        return scores.softmax(3).matMul(heads(values)).transpose(0, 2, 1, 3).reshape(queries.getShape());
    }

    /** [texts, heads, length, size] of [texts, length, width]. */
    private NDArray heads(NDArray rows) {
        long[] shape = rows.getShape().getShape();
        return rows.reshape(shape[0], shape[1], config.heads(), shape[2] / config.heads())
                .transpose(0, 2, 1, 3);
    }

    private NDArray linear(NDArray x, Adapted layer) {
        NDArray low = Linear.linear(x, layer.down()).singletonOrThrow().mul(loraScale);
        return Linear.linear(x, layer.weight(), layer.bias())
                .singletonOrThrow()
                .add(Linear.linear(low, layer.up()).singletonOrThrow());
    }

    private NDArray normed(NDArray x, Norm norm) {
        return x.getNDArrayInternal()
                .layerNorm(x, new Shape(config.hiddenSize()), norm.gain(), norm.bias(), (float) config.epsilon())
                .singletonOrThrow();
    }
}
