/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.internal.validation.Checks;

/**
 * Rotary positions (Su et al., arXiv 2104.09864) in the form of halves, as Hugging Face's files have them: in a head of size D the pair
 * (x_j, x_{j + D/2}) is turned by the angle p·f_j at position p.
 *
 * @param frequencies f in radians a position, D/2 of them
 */
public record Rotary(List<Double> frequencies) {

    /** @throws IllegalArgumentException if there is no frequency, or one is not finite */
    public Rotary {
        frequencies = List.copyOf(frequencies);
        Checks.atLeast(1, "rotary frequencies", frequencies.size());
        frequencies.forEach(one -> Checks.finite("a rotary frequency", one));
    }

    /** Of a checkpoint's positions in heads of a size. */
    public static Rotary of(RotaryEmbedding positions, int headSize) {
        return new Rotary(Arrays.stream(positions.frequencies(headSize)).boxed().toList());
    }

    /** D. */
    public int headSize() {
        return 2 * frequencies.size();
    }
}
