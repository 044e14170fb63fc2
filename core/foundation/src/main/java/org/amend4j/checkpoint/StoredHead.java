/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorFolder;
import org.amend4j.safetensors.TensorInfo;

/**
 * A head that a file stores although its configuration ties it to the table of words. As in Hugging Face's library from release 5
 * on, one that equals the table is tied, and another one is the model's.
 */
final class StoredHead {

    private StoredHead() {}

    /**
     * The configuration of what is stored.
     *
     * @throws CheckpointException if an encoder's head is not its table, which no class of ours computes
     * @throws IOException if a tensor cannot be read
     */
    static TransformerConfig config(TransformerConfig told, TensorFolder tensors) throws IOException {
        ModelTensors wanted = ModelTensors.of(told);
        Map<String, String> stored = new HashMap<>();
        tensors.tensors().keySet().forEach(name -> stored.put(wanted.canonical(name), name));
        for (Map.Entry<String, String> one : wanted.copies().entrySet()) {
            String copy = stored.get(one.getKey());
            String original = stored.get(one.getValue());
            if (copy == null || original == null || isSame(tensors, copy, original)) {
                continue;
            }
            if (told instanceof CausalConfig decoder) {
                return decoder.untied();
            }
            throw new CheckpointException(
                    tensors.path(),
                    "the tensor " + Printable.quoted(copy) + " must equal " + Printable.quoted(original)
                            + ": a head for words is the table of words here");
        }
        return told;
    }

    private static boolean isSame(TensorFolder tensors, String one, String other) throws IOException {
        TensorInfo first = Objects.requireNonNull(tensors.tensors().get(one));
        TensorInfo second = Objects.requireNonNull(tensors.tensors().get(other));
        if (!first.shape().equals(second.shape())) {
            return false;
        }
        if (first.dtype() == second.dtype()) {
            return Arrays.equals(digest(tensors, one), digest(tensors, other));
        }
        return first.dtype().fitsFloat()
                && second.dtype().fitsFloat()
                && Arrays.equals(tensors.readFloats(one), tensors.readFloats(other));
    }

    private static byte[] digest(TensorFolder tensors, String name) throws IOException {
        MessageDigest digest = Sha256.start();
        tensors.forEachChunk(name, digest::update);
        return digest.digest();
    }
}
