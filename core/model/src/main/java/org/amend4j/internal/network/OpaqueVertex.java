/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.nio.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * A vertex that is computed elsewhere: by the layer of a living Deeplearning4j graph, which keeps what it needs between the two passes.
 * So it computes one batch at a time, and is not thread-safe. All numbers are floats or all are doubles, in buffers of that type that
 * hold them from the first on, one example after the other, each in the order of Deeplearning4j's arrays.
 *
 * <p>An exception of the layer comes out as an {@link IllegalStateException} that names the vertex.
 */
public interface OpaqueVertex {

    /**
     * The forward pass.
     *
     * @param parameters the trained ones, if there are any
     * @param result where the result goes
     * @param kept whether {@link #backward} follows
     */
    void forward(int examples, Optional<Buffer> parameters, List<Buffer> inputs, Buffer result, boolean kept);

    /**
     * The backward pass behind the last forward pass.
     *
     * @param error the gradient of the result
     * @param gradient where that of the trained parameters goes, if there are any
     * @param inputs where the gradients of the inputs go, if they are wanted
     */
    void backward(Buffer error, Optional<Buffer> gradient, List<Optional<Buffer>> inputs);
}
