/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.amend4j.checkpoint.AttentionShape;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.DecoderFamily;
import org.amend4j.checkpoint.Gpt2Config;
import org.amend4j.checkpoint.TransformerCheckpoint;

/**
 * Language models in libtorch, from Hugging Face's formulas and by the names of their tensors; all weights train, by autograd. Small texts
 * of one length, nothing optimised.
 *
 * <p>A truncated one lets no gradient flow through the keys and values of earlier positions, as if they had been kept from the tokens
 * before: not the gradient of its loss.
 */
final class TorchDecoder implements AutoCloseable {

    private static final float UNSEEN = -1e30f;

    private final CausalConfig config;
    private final NDManager manager = Libtorch.newManager();
    private final Map<String, NDArray> weights = new TreeMap<>();
    private final NDArray tokens;
    private final long texts;
    private final long length;
    private final boolean truncated;

    /** @param tokens of each text, as many in all */
    TorchDecoder(TransformerCheckpoint checkpoint, List<int[]> tokens, boolean truncated) throws IOException {
        this.truncated = truncated;
        config = (CausalConfig) checkpoint.config();
        texts = tokens.size();
        length = tokens.get(0).length;
        for (Map.Entry<String, List<Long>> tensor :
                CheckpointFiles.shapes(checkpoint.config()).entrySet()) {
            long[] shape = tensor.getValue().stream().mapToLong(size -> size).toArray();
            NDArray weight = TorchArrays.owned(manager, checkpoint.read(tensor.getKey()), shape);
            weight.setRequiresGradient(true);
            weights.put(tensor.getKey(), weight);
        }
        this.tokens = manager.create(
                        tokens.stream()
                                .flatMapToInt(Arrays::stream)
                                .asLongStream()
                                .toArray(),
                        new Shape(texts, length))
                .duplicate();
    }

    /** The loss of saying each token but the first from those before it, and its gradient by the names of tensors. */
    record Found(double loss, Map<String, float[]> gradient) {}

    Found lossAndGradient() {
        try (NDManager scope = manager.newSubManager()) {
            scope.tempAttachAll(tokens);
            double value;
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray loss = loss();
                value = loss.getFloat();
                collector.backward(loss);
            }
            Map<String, float[]> gradient = new TreeMap<>();
            weights.forEach(
                    (name, weight) -> gradient.put(name, weight.getGradient().toFloatArray()));
            return new Found(value, gradient);
        }
    }

    private NDArray weight(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private NDArray loss() {
        NDArray logits = Linear.linear(rows(), weight("lm_head.weight")).singletonOrThrow();
        NDArray said = logits.get(":, :-1").logSoftmax(2);
        NDArray next = tokens.get(":, 1:").expandDims(2);
        return said.gather(next, 2).mean().neg();
    }

    private NDArray rows() {
        return config instanceof Gpt2Config gpt2 ? gpt2(gpt2) : llama((DecoderConfig) config);
    }

    private NDArray words(String table) {
        return weight(table)
                .get(tokens.reshape(texts * length))
                .reshape(texts, length, weight(table).getShape().get(1));
    }

    private NDArray linear(NDArray x, String name) {
        return weights.containsKey(name + ".bias")
                ? Linear.linear(x, weight(name + ".weight"), weight(name + ".bias"))
                        .singletonOrThrow()
                : Linear.linear(x, weight(name + ".weight")).singletonOrThrow();
    }

    private NDArray llama(DecoderConfig of) {
        NDArray x = words("model.embed_tokens.weight");
        if (of.family() == DecoderFamily.GEMMA) {
            x = x.mul((float) Math.sqrt(of.hiddenSize()));
        }
        for (int layer = 0; layer < of.layers(); layer++) {
            String name = "model.layers." + layer + ".";
            x = x.add(attention(of, layer, name + "self_attn", norm(of, x, name + "input_layernorm")));
            NDArray read = norm(of, x, name + "post_attention_layernorm");
            NDArray gate = linear(read, name + "mlp.gate_proj");
            NDArray open = of.family() == DecoderFamily.GEMMA
                    ? geluTanh(gate)
                    : gate.mul(gate.getNDArrayInternal().sigmoid());
            x = x.add(linear(open.mul(linear(read, name + "mlp.up_proj")), name + "mlp.down_proj"));
        }
        return norm(of, x, "model.norm");
    }

    private NDArray norm(DecoderConfig of, NDArray x, String name) {
        NDArray gain = weight(name + ".weight");
        NDArray square = x.mul(x).mean(new int[] {x.getShape().dimension() - 1}, true);
        NDArray unit = x.div(square.add((float) of.rmsEpsilon()).sqrt());
        return unit.mul(of.family() == DecoderFamily.GEMMA ? gain.add(1) : gain);
    }

    private NDArray attention(DecoderConfig of, int layer, String name, NDArray x) {
        AttentionShape shape = of.attention();
        NDArray q = heads(linear(x, name + ".q_proj"), shape.heads());
        NDArray k = heads(linear(x, name + ".k_proj"), shape.keyValueHeads());
        NDArray v = heads(linear(x, name + ".v_proj"), shape.keyValueHeads());
        if (of.family() == DecoderFamily.QWEN3) {
            q = norm(of, q, name + ".q_norm");
            k = norm(of, k, name + ".k_norm");
        }
        int group = shape.heads() / shape.keyValueHeads();
        double theta = of.rotary().theta();
        long window = of.window(layer).orElse(Integer.MAX_VALUE);
        NDArray attended = attended(turned(q, theta), turned(k, theta).repeat(1, group), v.repeat(1, group), window);
        return linear(attended, name + ".o_proj");
    }

    /** [texts, heads, length, size] of [texts, length, heads · size]. */
    private NDArray heads(NDArray rows, int heads) {
        return rows.reshape(texts, length, heads, rows.getShape().get(2) / heads)
                .transpose(0, 2, 1, 3);
    }

    private NDArray turned(NDArray x, double theta) {
        int half = (int) x.getShape().get(3) / 2;
        float[] cosines = new float[(int) length * half];
        float[] sines = new float[cosines.length];
        for (int k = 0; k < cosines.length; k++) {
            int position = k / half;
            double angle = position * Math.pow(theta, -(double) (k % half) / half);
            cosines[k] = (float) Math.cos(angle);
            sines[k] = (float) Math.sin(angle);
        }
        NDArray cos = TorchArrays.owned(manager, cosines, length, half);
        NDArray sin = TorchArrays.owned(manager, sines, length, half);
        NDArray a = x.get("..., :" + half);
        NDArray b = x.get("..., " + half + ":");
        return NDArrays.concat(new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin))), 3);
    }

    private NDArray attended(NDArray q, NDArray k, NDArray v, long window) {
        float[] hidden = new float[(int) (length * length)];
        for (int at = 0; at < hidden.length; at++) {
            long query = at / length;
            long key = at % length;
            hidden[at] = key <= query && key > query - window ? 0 : UNSEEN;
        }
        long size = q.getShape().get(3);
        NDArray kept = truncated ? k.stopGradient() : k;
        NDArray keptValues = truncated ? v.stopGradient() : v;
        NDArray scores = q.matMul(kept.transpose(0, 1, 3, 2));
        NDArray own = manager.eye((int) length);
        if (truncated) {
            scores = scores.add(own.mul(q.mul(k.sub(kept)).sum(new int[] {3}, true)));
        }
        NDArray parts = scores.mul((float) (1 / Math.sqrt((double) size)))
                .add(TorchArrays.owned(manager, hidden, length, length))
                .softmax(3);
        NDArray found = parts.matMul(keptValues);
        if (truncated) {
            found = found.add(parts.mul(own).sum(new int[] {3}, true).mul(v.sub(keptValues)));
        }
        return found.transpose(0, 2, 1, 3).reshape(texts, length, q.getShape().get(1) * size);
    }

    private static NDArray geluTanh(NDArray x) {
        NDArray cube = x.mul(x).mul(x).mul(0.044715f);
        return x.mul(x.add(cube).mul((float) Math.sqrt(2 / Math.PI)).tanh().add(1))
                .mul(0.5f);
    }

    private NDArray gpt2(Gpt2Config of) {
        NDArray places = manager.arange((int) length).toType(DataType.INT64, false);
        NDArray x = words("transformer.wte.weight")
                .add(weight("transformer.wpe.weight").get(places));
        for (int layer = 0; layer < of.layers(); layer++) {
            String name = "transformer.h." + layer + ".";
            NDArray fused = linear(layerNorm(of, x, name + "ln_1"), name + "attn.c_attn");
            int width = of.hiddenSize();
            NDArray attended = attended(
                    heads(fused.get(":, :, :" + width), of.heads()),
                    heads(fused.get(":, :, " + width + ":" + 2 * width), of.heads()),
                    heads(fused.get(":, :, " + 2 * width + ":"), of.heads()),
                    Integer.MAX_VALUE);
            x = x.add(linear(attended, name + "attn.c_proj"));
            NDArray wide = geluTanh(linear(layerNorm(of, x, name + "ln_2"), name + "mlp.c_fc"));
            x = x.add(linear(wide, name + "mlp.c_proj"));
        }
        return layerNorm(of, x, "transformer.ln_f");
    }

    private NDArray layerNorm(Gpt2Config of, NDArray x, String name) {
        return x.getNDArrayInternal()
                .layerNorm(x, new Shape(of.hiddenSize()), weight(name + ".weight"), weight(name + ".bias"), (float)
                        of.epsilon())
                .singletonOrThrow();
    }

    @Override
    public void close() {
        manager.close();
    }
}
