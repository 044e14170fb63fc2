/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.LayerNormKernels.Statistics;
import org.amend4j.internal.network.Operation.LayerNorm;
import org.amend4j.internal.network.Values;

/** Layer norms. */
final class LayerNormSteps extends NormSteps<LayerNorm> {

    LayerNormSteps(GraphCompiler passes) {
        super(passes);
    }

    @Override
    String name() {
        return "layer norm";
    }

    @Override
    List<String> statistics() {
        return List.of("means", "inverse deviations");
    }

    private static Statistics on(Bindings b, List<Value> found) {
        return new Statistics(b.array(found.get(0)), b.array(found.get(1)));
    }

    @Override
    Values gain(LayerNorm norm) {
        return norm.gain();
    }

    @Override
    Optional<Values> bias(LayerNorm norm) {
        return norm.bias();
    }

    @Override
    void forward(Bindings b, LayerNorm norm, Value x, Value y, List<Value> found) {
        b.kernels()
                .layerNorm()
                .forward(
                        b.matrix(x),
                        b.parameter(norm.gain()),
                        norm.bias().map(b::parameter),
                        b.matrix(y),
                        on(b, found),
                        norm.epsilon());
    }

    @Override
    void gradient(Bindings b, LayerNorm norm, Rows rows, Value to) {
        b.kernels()
                .layerNorm()
                .gradient(
                        b.matrix(rows.delta()),
                        b.matrix(rows.x()),
                        b.parameter(norm.gain()),
                        on(b, rows.found()),
                        b.matrix(to));
    }

    @Override
    void gainProducts(Bindings b, Rows rows, Value products) {
        b.kernels()
                .layerNorm()
                .gainProducts(b.matrix(rows.delta()), b.matrix(rows.x()), on(b, rows.found()), b.array(products));
    }
}
