/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.amend4j.internal.validation.Checks;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonValue;

/**
 * How the factors of an adapter start; PEFT's {@code init_lora_weights}. All but {@link #RANDOM} leave the first output the
 * base's, those that move a part of the weight into the factors up to rounding.
 *
 * @param kind what computes the factors
 * @param iterations subspace iterations of {@link Kind#PISSA_NITER}, >= 0; 0 for all others
 */
public record AdapterInit(Kind kind, int iterations) {

    /** What computes the factors; {@code org.amend4j.internal.lora.init} says how. */
    public enum Kind {
        /** A uniform in ±1/sqrt(fan-in) (Kaiming-uniform with slope sqrt(5), PEFT's default), B zero. */
        DEFAULT,
        /** A normal with mean 0 and standard deviation 1/rank, B zero. */
        GAUSSIAN,
        /** A as by default, B uniform in ±1/sqrt(rank): changes the output; for tests of what is around an adapter. */
        RANDOM,
        /** Neither factor zero, their product is; the rank must be even. */
        ORTHOGONAL,
        /** The weight's largest singular triples, taken out of it. */
        PISSA,
        /** The same by a randomised decomposition. */
        PISSA_NITER,
        /** The weight's QR decomposition, taken out of it. */
        OLORA,
        /** A of the inputs' principal components, B zero; ranks go where inputs vary most. Needs data. */
        EVA,
        /** The singular triples that the inputs need, or those they do not, taken out of the weight. Needs data. */
        CORDA,
        /** Singular vectors of the loss's gradient, taken out of the weight. Needs data. */
        LORA_GA
    }

    public static final AdapterInit DEFAULT = of(Kind.DEFAULT);
    public static final AdapterInit GAUSSIAN = of(Kind.GAUSSIAN);
    public static final AdapterInit RANDOM = of(Kind.RANDOM);
    public static final AdapterInit ORTHOGONAL = of(Kind.ORTHOGONAL);
    public static final AdapterInit PISSA = of(Kind.PISSA);
    public static final AdapterInit OLORA = of(Kind.OLORA);
    public static final AdapterInit EVA = of(Kind.EVA);
    public static final AdapterInit CORDA = of(Kind.CORDA);
    public static final AdapterInit LORA_GA = of(Kind.LORA_GA);

    private static final String NITER = Kind.PISSA_NITER + "_";

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AdapterInit {
        Checks.present("the kind of a start", kind);
        Checks.inRange(0, kind == Kind.PISSA_NITER ? Integer.MAX_VALUE : 0, "the iterations of " + kind, iterations);
    }

    private static AdapterInit of(Kind kind) {
        return new AdapterInit(kind, 0);
    }

    /** {@link Kind#PISSA_NITER} with so many iterations. */
    public static AdapterInit pissaNiter(int iterations) {
        return new AdapterInit(Kind.PISSA_NITER, iterations);
    }

    /**
     * The start that files and commands call so, in capital letters or small: a kind, with {@code pissa_niter_4} for
     * four iterations, or PEFT's {@code true} and {@code false}.
     *
     * @throws IllegalArgumentException listing the names, if it is none of them
     */
    @JsonCreator
    public static AdapterInit named(String name) {
        String capitals = name.toUpperCase(Locale.ROOT);
        if (capitals.matches(NITER + "\\d{1,9}")) {
            return pissaNiter(Integer.parseInt(capitals.substring(NITER.length())));
        }
        return switch (capitals) {
            case "TRUE" -> DEFAULT;
            case "FALSE" -> RANDOM;
            default ->
                Arrays.stream(Kind.values())
                        .filter(kind -> kind != Kind.PISSA_NITER && kind.name().equals(capitals))
                        .map(AdapterInit::of)
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "the start of adapters must be one of " + names() + ", got '" + name + "'"));
        };
    }

    private static String names() {
        return Arrays.stream(Kind.values())
                .map(kind -> kind == Kind.PISSA_NITER ? NITER + "4" : kind.name())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
    }

    /** The text of this in files; {@link #named} reads it. */
    @JsonValue
    public String name() {
        return kind == Kind.PISSA_NITER ? NITER + iterations : kind.name();
    }

    /** Whether it moves a part of the weight into the factors. */
    public boolean movesWeight() {
        return switch (kind) {
            case PISSA, PISSA_NITER, OLORA, CORDA, LORA_GA -> true;
            case DEFAULT, GAUSSIAN, RANDOM, ORTHOGONAL, EVA -> false;
        };
    }

    /**
     * The highest rank that a weight takes with this start, if it takes any; at least 1.
     *
     * @param side the smaller one of the weight
     */
    public long highestRank(long side) {
        return switch (kind) {
            case ORTHOGONAL -> Math.max(1, side - side % 2);
            case LORA_GA -> Math.max(1, side / 2);
            default -> side;
        };
    }

    /** Whether it needs examples. */
    public boolean needsData() {
        return kind == Kind.EVA || kind == Kind.CORDA || kind == Kind.LORA_GA;
    }

    /** {@link #name}. */
    @Override
    public String toString() {
        return name();
    }
}
