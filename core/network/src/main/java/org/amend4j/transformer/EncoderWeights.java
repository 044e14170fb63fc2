/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.Weights;

/** Weights of an encoder for another head than its checkpoint's: those of the checkpoint under their new names, and starts of new layers. */
final class EncoderWeights implements Weights {

    private final Checkpoint checkpoint;
    private final EncoderNames stored;
    private final EncoderNames wanted;
    private final boolean classifierIsStored;
    private final Weights initial;

    EncoderWeights(Checkpoint checkpoint, EncoderConfig stored, EncoderConfig wanted, EncoderOutput output) {
        this.checkpoint = checkpoint;
        this.stored = new EncoderNames(stored);
        this.wanted = new EncoderNames(wanted);
        this.classifierIsStored = stored.head().equals(wanted.head());
        this.initial = new InitialWeights(wanted, seed(output));
    }

    private static long seed(EncoderOutput output) {
        if (output instanceof EncoderOutput.MaskedTokens masked) {
            return masked.seed();
        }
        return output instanceof EncoderOutput.Classes classes ? classes.seed() : 0;
    }

    @Override
    public float[] values(String name) throws IOException {
        if (name.startsWith(wanted.classifier() + ".") && !classifierIsStored) {
            return initial.values(name);
        }
        String asStored = name.startsWith(wanted.prefix())
                ? stored.prefix() + name.substring(wanted.prefix().length())
                : name;
        return checkpoint.shapes().containsKey(asStored) ? checkpoint.read(asStored) : initial.values(name);
    }
}
