/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.amend4j.internal.network.Values.Constant;
import org.amend4j.internal.network.Values.Slice;

/** What a node computes from its inputs. */
public sealed interface Operation {

    /** Numbers it needs besides its inputs, which may be trained. */
    default List<Values> values() {
        return List.of();
    }

    private static List<Values> together(
            Stream<? extends Values> some, Optional<Values> bias, Optional<LowRank> adapter) {
        return Stream.of(some, bias.stream(), adapter.stream().flatMap(lowRank -> Stream.of(lowRank.a(), lowRank.b())))
                .flatMap(values -> values)
                .map(Values.class::cast)
                .toList();
    }

    /** A network input, numbers as they are. */
    record Input(int index) implements Operation {}

    /** A network input of whole numbers: rows of a table. */
    record Words(int index) implements Operation {}

    /** A network input of tokens ({@link Network.Content#TOKENS}): those that count have rows, example after example. */
    record Tokens(int index) implements Operation {}

    /**
     * Rows for tokens: {@code factor·(words[id] + s·A[id]·B) + positions[position] + types[type]}.
     *
     * @param adapter of the words
     * @param positions of which the first is that of an example's first token
     */
    record TokenEmbedding(
            TokenTable words,
            Optional<LowRank> adapter,
            double factor,
            Optional<TokenTable> positions,
            Optional<TokenTable> types)
            implements Operation {

        /** All of them. */
        public List<TokenTable> tables() {
            return Stream.of(Optional.of(words), positions, types)
                    .flatMap(Optional::stream)
                    .toList();
        }

        @Override
        public List<Values> values() {
            return together(tables().stream().map(TokenTable::values), Optional.empty(), adapter);
        }
    }

    /**
     * A table of rows.
     *
     * @param values row after row
     * @param skipped rows at the beginning that no token has
     * @param rows those behind them
     */
    record TokenTable(Values values, int skipped, int rows) {}

    /**
     * {@code softmax(QKᵀ/√D)V} in each head, over the tokens of an example; the inputs are queries, keys, values and tokens. Heads of queries share
     * heads of keys and values.
     *
     * @param heads of queries
     * @param keyValueHeads of keys and values, a divisor of the heads
     * @param headSize D
     * @param fused whether queries, keys and values are columns of one input; positions do not turn them then
     * @param causal whether a query sees no later key
     * @param window how many keys a causal query sees, itself the last of them; empty for all
     * @param rotary how positions turn queries and keys; empty if they do not
     */
    record Attention(
            int heads,
            int keyValueHeads,
            int headSize,
            boolean fused,
            boolean causal,
            OptionalInt window,
            Optional<Angles> rotary)
            implements Operation {

        /** @throws IllegalArgumentException if it is fused and rotary */
        public Attention {
            if (fused && rotary.isPresent()) {
                throw new IllegalArgumentException("fused attention has no rotary positions");
            }
        }
    }

    /**
     * Of rotary positions, at positions from 0 on.
     *
     * @param cosines [positions, D/2]
     * @param sines [positions, D/2]
     */
    record Angles(Constant cosines, Constant sines, int positions) {}

    /** A row for each example of the rows of its tokens; the inputs are rows and tokens. */
    record PoolTokens(Row row) implements Operation {
        /** Which row. */
        public enum Row {
            /** That of the first token. */
            FIRST,
            /** Their mean. */
            MEAN,
            /** That of the last token. */
            LAST
        }
    }

    /** {@code act(a)∘b} of two inputs. */
    record Gate(Activation activation) implements Operation {}

    /**
     * The end of a language model: logits {@code x·Wᵀ + s·(xA)B + bias}, and the mean of the cross-entropies of their softmax with those labels that are not
     * negative.
     *
     * @param weight W, [vocabulary, inputs] row after row
     * @param bias [vocabulary]
     * @param label which of the labels it is compared with
     */
    record TokenLoss(Values weight, Optional<Values> bias, Optional<LowRank> adapter, int vocabulary, int label)
            implements Operation {
        @Override
        public List<Values> values() {
            return together(Stream.of(weight), bias, adapter);
        }
    }

    /**
     * {@code act(x·Wᵀ + s·(xA)B + bias)} on rows, or on the patches under a window.
     *
     * @param weight W, [outputs, inputs · kernel] row after row, the columns in the order of the patches' columns
     * @param bias [outputs]
     * @param patches empty for dense layers and for 1×1 convolutions that leave every pixel where it is
     */
    record Product(
            Values weight,
            Optional<Values> bias,
            Optional<Patches> patches,
            Optional<LowRank> adapter,
            Activation activation)
            implements Operation {
        @Override
        public List<Values> values() {
            return together(Stream.of(weight), bias, adapter);
        }
    }

    /**
     * DoRA's magnitudes: {@code z∘(m/c) + bias} on the result z of an adapted product without a bias (Liu et al., arXiv 2402.09353, eq. 5).
     * Where c is 0, so is the quotient.
     *
     * @param norms c
     * @param magnitude m, [outputs]
     * @param trueGradient whether c is differentiated, too; otherwise it counts as a constant (section 4.3 there)
     * @param bias [outputs]
     */
    record Magnitude(ColumnNorms norms, Slice magnitude, boolean trueGradient, Optional<Values> bias)
            implements Operation {
        @Override
        public List<Values> values() {
            return together(Stream.of(magnitude), bias, Optional.empty());
        }
    }

    /** What is under a window at each of its places. */
    record Patches(Window window, PatchOrder order) {}

    /**
     * A depthwise convolution and an activation; frozen.
     *
     * @param weight [kernelHeight, kernelWidth, channels, multiplier]
     * @param bias [channels · multiplier]
     */
    record Depthwise(Constant weight, Optional<Constant> bias, Window window, Activation activation)
            implements Operation {}

    /** {@code factor·x + shift} per channel: a frozen batch norm. */
    record Affine(Constant factor, Constant shift) implements Operation {}

    /**
     * Each row with mean 0 and variance 1, then times the gain plus the bias.
     *
     * @param gain [channels]
     * @param bias [channels]
     * @param epsilon added to the variance, at least 0
     */
    record LayerNorm(Values gain, Optional<Values> bias, double epsilon) implements Operation {
        @Override
        public List<Values> values() {
            return together(Stream.of(gain), bias, Optional.empty());
        }
    }

    /**
     * Each row divided by its root mean square, then times the gain.
     *
     * @param gain [channels]
     * @param aroundOne whether 1 is added to the gain
     * @param epsilon added to the mean square, at least 0
     */
    record RmsNorm(Values gain, boolean aroundOne, double epsilon) implements Operation {
        @Override
        public List<Values> values() {
            return List.of(gain);
        }
    }

    /** The greatest of each window. */
    record MaxPool(Window window) implements Operation {}

    /**
     * The average of each window; of a 1×1 window with padding it is zero padding.
     *
     * @param countPadding whether padding counts as zeros
     */
    record AveragePool(Window window, boolean countPadding) implements Operation {}

    /** Each pixel a block of equal ones. */
    record Upsample(int factorY, int factorX) implements Operation {}

    /** Without so many rows of pixels at the top and columns at the left; what is left tells the shape. */
    record Crop(int top, int left) implements Operation {}

    /** A function of each element. */
    record Elementwise(Activation activation) implements Operation {}

    /** Several inputs of one shape, element by element. */
    record Combine(Kind kind) implements Operation {
        /** How. */
        public enum Kind {
            SUM,
            DIFFERENCE,
            PRODUCT,
            AVERAGE,
            /** Of two inputs; of equal elements the first. */
            MAXIMUM
        }
    }

    /** Channels of several inputs, one after the other. */
    record Merge() implements Operation {}

    /** The same numbers in the same order, seen as another shape. */
    record Reshape() implements Operation {}

    /** Pixels of channels become channels of pixels, or back: what flattening images with channels first means. */
    record Reorder(boolean toChannelsFirst) implements Operation {}

    /**
     * {@code act(table[token] + bias)}.
     *
     * @param table as Deeplearning4j keeps it: [columns, vocabulary] row after row
     */
    record Gather(Values table, int vocabulary, Optional<Values> bias, Activation activation) implements Operation {
        @Override
        public List<Values> values() {
            return together(Stream.of(table), bias, Optional.empty());
        }
    }

    /** The softmax of each row; in a network that is only used, not trained. */
    record Softmax() implements Operation {}

    /**
     * A vertex that Deeplearning4j computes, of inputs in the order of its arrays.
     *
     * @param what it is, for reports
     * @param parameters those that train
     */
    record Opaque(OpaqueVertex vertex, String what, Optional<Slice> parameters) implements Operation {
        @Override
        public List<Values> values() {
            return together(parameters.stream(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * The end of a network: an example's loss, summed over its rows.
     *
     * @param label which of the labels it is compared with
     * @param channelsFirst whether labels that are images or sequences come with channels first
     */
    record Loss(LossKind kind, int label, boolean channelsFirst) implements Operation {}

    /**
     * Losses; the first two take the pre-activation, and apply softmax or sigmoid themselves. They are exact: Deeplearning4j's
     * count a probability below 1e-10 (softmax) or 1e-5 (sigmoid) as that much, the sigmoid's gradient too, and the softmax's
     * gradient is that of labels that add up to 1.
     */
    enum LossKind {
        SOFTMAX_CROSS_ENTROPY,
        SIGMOID_CROSS_ENTROPY,
        /** Mean over columns, Deeplearning4j's MSE. */
        MEAN_SQUARED_ERROR,
        /** Sum over columns, Deeplearning4j's L2. */
        SQUARED_ERROR
    }
}
