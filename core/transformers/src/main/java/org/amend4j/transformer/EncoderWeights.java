/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.checkpoint.VisionConfig;
import org.amend4j.checkpoint.VisionNames;
import org.amend4j.checkpoint.Weights;

/** Weights of an encoder for another head than its checkpoint's: those of the checkpoint under their new names, and starts of new layers. */
final class EncoderWeights implements Weights {

    private final TransformerCheckpoint checkpoint;
    private final Modules stored;
    private final Modules wanted;
    private final Weights initial;

    /**
     * What follows from the head.
     *
     * @param prefix of the encoder's modules
     * @param classifier the layer to the classes
     */
    private record Modules(String prefix, String classifier, EncoderHead head) {

        static Modules of(TransformerConfig config) {
            if (config instanceof VisionConfig vision) {
                return new Modules(new VisionNames(vision).prefix(), VisionNames.CLASSIFIER, vision.head());
            }
            EncoderConfig encoder = (EncoderConfig) config;
            EncoderNames names = new EncoderNames(encoder);
            return new Modules(names.prefix(), names.classifier(), encoder.head());
        }
    }

    /** @param wanted an encoder as the checkpoint's, with another head */
    EncoderWeights(TransformerCheckpoint checkpoint, TransformerConfig wanted, EncoderOutput output) {
        this.checkpoint = checkpoint;
        this.stored = Modules.of(checkpoint.config());
        this.wanted = Modules.of(wanted);
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
        if (name.startsWith(wanted.classifier() + ".") && !stored.head().equals(wanted.head())) {
            return initial.values(name);
        }
        String asStored = name.startsWith(wanted.prefix())
                ? stored.prefix() + name.substring(wanted.prefix().length())
                : name;
        return checkpoint.shapes().containsKey(asStored) ? checkpoint.read(asStored) : initial.values(name);
    }
}
