/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The factors of one adapter. The arrays are not copied; their owner must not change them while they are here.
 *
 * @param weight the adapted weight
 * @param layout how the rows of {@code a} are ordered over the inputs
 * @param spec rank, scaling and so on; its target is the weight's name
 * @param peftExact whether PEFT computes the same layer; false for a weight PEFT does not know and for a convolution with
 *     dilation, causal padding, or "same" padding with a stride
 * @param a A: [inputs * kernel, rank], FLOAT or DOUBLE; loaded arrays are in F-order
 * @param b B: [rank, outputs], of the same type
 * @param vectors what the scheme has beside the factors
 */
public record LayerFactors(
        AdaptedWeight weight,
        FactorLayout layout,
        AdapterSpec spec,
        boolean peftExact,
        INDArray a,
        INDArray b,
        FactorVectors vectors) {
    /** The key of a layer's weight where it has only one. */
    static final String WEIGHT = "W";

    /** @throws IllegalArgumentException if the shapes or types do not fit together */
    public LayerFactors {
        String name = Checks.present("the weight of an adapter", weight).name();
        Checks.present("the layout of '" + name + "'", layout);
        Checks.present("the spec of '" + name + "'", spec);
        Checks.present("the vectors of '" + name + "'", vectors);
        if (!spec.target().equals(name)) {
            throw new IllegalArgumentException(
                    "the target of the weight '" + name + "' must be its name, got '" + spec.target() + "'");
        }
        if (peftExact && !isPeft(weight, layout)) {
            throw new IllegalArgumentException("PEFT has no adapter for the weight '" + name + "', so it is not exact");
        }
        ArrayChecks.floating("factor A of '" + name + "'", a);
        ArrayChecks.floating("factor B of '" + name + "'", b);
        if (a.rank() != 2 || b.rank() != 2 || a.size(1) != spec.rank() || b.size(0) != spec.rank()) {
            throw new IllegalArgumentException("the factors of '" + name + "' must be [rows, " + spec.rank() + "] and ["
                    + spec.rank() + ", outputs], got " + ArrayChecks.shape(a) + " and " + ArrayChecks.shape(b));
        }
        if (a.dataType() != b.dataType()) {
            throw new IllegalArgumentException(
                    "the factors of '" + name + "' must have one type, got " + a.dataType() + " and " + b.dataType());
        }
        if (a.size(0) % layout.kernelSize() != 0) {
            throw new IllegalArgumentException("the rows of factor A of '" + name
                    + "' must be a multiple of the kernel's size " + layout.kernelSize() + ", got " + a.size(0));
        }
        requireVectors(spec, layout, vectors, b);
    }

    private static void requireVectors(AdapterSpec spec, FactorLayout layout, FactorVectors vectors, INDArray b) {
        boolean embedding = layout instanceof FactorLayout.Embedding;
        requireVector("magnitude", spec, spec.scheme().hasMagnitude(), vectors.magnitude(), b);
        requireVector("bias of B", spec, spec.scheme().biasOnB() && !embedding, vectors.bias(), b);
        if (spec.scheme().biasOnB() && embedding) {
            throw new IllegalArgumentException("B must have no bias in an embedding, '" + spec.target() + "'");
        }
    }

    private static void requireVector(
            String what, AdapterSpec spec, boolean wanted, Optional<INDArray> vector, INDArray b) {
        if (wanted != vector.isPresent()) {
            throw new IllegalArgumentException("'" + spec.target() + "' must have " + (wanted ? "a " : "no ") + what
                    + " by its scheme " + spec.scheme());
        }
        vector.filter(v -> v.length() != b.size(1) || v.dataType() != b.dataType())
                .ifPresent(v -> {
                    throw new IllegalArgumentException("the " + what + " of '" + spec.target() + "' must be "
                            + b.size(1) + " values of type " + b.dataType() + ", got " + ArrayChecks.shape(v) + " of "
                            + v.dataType());
                });
    }

    /** Factors of a layer's single weight W. */
    public LayerFactors(
            String vertex, FactorLayout layout, AdapterSpec spec, boolean peftExact, INDArray a, INDArray b) {
        this(AdaptedWeight.single(vertex, WEIGHT), layout, spec, peftExact, a, b, FactorVectors.NONE);
    }

    /** Factors that PEFT computes exactly as we do. */
    public static LayerFactors of(FactorLayout layout, AdapterSpec spec, INDArray a, INDArray b) {
        return new LayerFactors(spec.target(), layout, spec, true, a, b);
    }

    /** Whether PEFT has an adapter for such a weight, whatever it computes with it. */
    static boolean isPeft(AdaptedWeight weight, FactorLayout layout) {
        return weight.single() && layout.isPeft();
    }

    /** Whether PEFT has an adapter for this weight; {@link #peftExact} says whether it computes the same with it. */
    public boolean isPeft() {
        return isPeft(weight, layout);
    }

    /** The name that targets, patterns and reports use. */
    public String name() {
        return weight.name();
    }

    /** Name of the vertex that has the weight. */
    public String vertex() {
        return weight.vertex();
    }

    /** A, B and the vectors, in the order of {@link StoredTensor#ofFactors}. */
    List<INDArray> arrays() {
        List<INDArray> arrays = new ArrayList<>(List.of(a, b));
        vectors.magnitude().ifPresent(arrays::add);
        vectors.bias().ifPresent(arrays::add);
        return arrays;
    }

    /** Number of the layer's inputs: units of a dense layer, channels of a convolution. */
    public long inputs() {
        return a.size(0) / layout.kernelSize();
    }

    /** Number of the layer's outputs. */
    public long outputs() {
        return b.size(1);
    }

    /** Elements of the factors and of what stands beside them. */
    public long elements() {
        long beside = Stream.of(vectors.magnitude(), vectors.bias())
                .flatMap(Optional::stream)
                .mapToLong(INDArray::length)
                .sum();
        return a.length() + b.length() + beside;
    }

    /** Type of both factors. */
    public DataType dataType() {
        return a.dataType();
    }
}
