/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Window;

/** The patches under the window of a convolution, one a row. */
final class Patches {

    private final PlanSteps steps;

    Patches(PlanSteps steps) {
        this.steps = steps;
    }

    /** The rows of a product: an image's pixels, or its patches. */
    Value of(Node node, Optional<Operation.Patches> under, Value input, Shape image) {
        return under.map(some -> of(node, some, input, image)).orElse(input);
    }

    private Value of(Node node, Operation.Patches under, Value input, Shape image) {
        Window window = under.window();
        Value patches = place(node.vertex() + " patches", node, window, image);
        steps.add(
                node.vertex(),
                "patches " + window.y().kernel() + " x " + window.x().kernel() + " of " + image,
                List.of(input),
                List.of(patches),
                work(patches, image),
                b -> b.kernels()
                        .convolution()
                        .patches(b.images(input, image), window, under.order(), b.array(patches)));
        return patches;
    }

    /** A place for the gradient of patches. */
    Value gradientPlace(Node node, Window window, Shape image) {
        return place(node.vertex() + " patches gradient", node, window, image);
    }

    private Value place(String name, Node node, Window window, Shape image) {
        int taps = window.taps();
        return steps.perExample(name, node.shape().pixels(), image.channels() * taps);
    }

    /** The gradient of an image from that of its patches. */
    void sum(String vertex, Value patches, Operation.Patches under, Shape image, Value to) {
        steps.add(
                vertex,
                "sum of patches to " + image,
                List.of(patches),
                List.of(to),
                work(patches, image),
                b -> b.kernels()
                        .convolution()
                        .patchesGradient(b.array(patches), under.window(), under.order(), b.images(to, image)));
    }

    private static Work work(Value patches, Shape image) {
        return Work.through(image.size() + (double) patches.rows() * patches.columns());
    }
}
