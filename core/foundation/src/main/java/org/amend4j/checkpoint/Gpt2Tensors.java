/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The tensors of a GPT-2. Its linear layers are "Conv1D" modules; files store their matrices as [inputs, outputs]. */
record Gpt2Tensors(Gpt2Config config) implements ModelTensors {

    private static final String LAYER = "transformer\\.h\\.\\d{1,9}\\.";

    /** The triangle of what is seen, and what stands for what is not. */
    private static final Pattern DERIVED = Pattern.compile(LAYER + "attn\\.(bias|masked_bias)");

    private static final Pattern TURNED = Pattern.compile(LAYER + "(attn|mlp)\\.c_(attn|fc|proj)\\.weight");

    @Override
    public Map<String, List<Long>> outside() {
        Shapes shapes = new Shapes()
                .matrix(Gpt2Names.WORDS, config.vocabulary(), config.hiddenSize())
                .matrix(Gpt2Names.POSITIONS, config.positions(), config.hiddenSize())
                .norm(Gpt2Names.NORM, config.hiddenSize());
        if (!config.tiedEmbeddings()) {
            shapes.matrix(Gpt2Names.HEAD, config.vocabulary(), config.hiddenSize());
        }
        return shapes.all();
    }

    @Override
    public Map<String, List<Long>> ofLayer(int index) {
        String layer = Gpt2Names.layer(index);
        long hidden = config.hiddenSize();
        long inner = config.innerSize();
        return new Shapes()
                .norm(layer + "ln_1", hidden)
                .linear(layer + "attn.c_attn", 3 * hidden, hidden, true)
                .linear(layer + "attn.c_proj", hidden, hidden, true)
                .norm(layer + "ln_2", hidden)
                .linear(layer + "mlp.c_fc", inner, hidden, true)
                .linear(layer + "mlp.c_proj", hidden, inner, true)
                .all();
    }

    @Override
    public boolean isIgnored(String name) {
        return DERIVED.matcher(name).matches() || copies().containsKey(name);
    }

    @Override
    public Map<String, String> copies() {
        return config.tiedEmbeddings() ? Map.of(Gpt2Names.HEAD, Gpt2Names.WORDS) : Map.of();
    }

    @Override
    public String canonical(String stored) {
        boolean whole = stored.startsWith(Gpt2Names.PREFIX) || stored.equals(Gpt2Names.HEAD);
        return whole ? stored : Gpt2Names.PREFIX + stored;
    }

    @Override
    public boolean isTurned(String name) {
        return TURNED.matcher(name).matches();
    }
}
