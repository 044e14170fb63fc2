/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.RmsNormKernels.Gain;
import org.amend4j.internal.network.Operation.RmsNorm;
import org.amend4j.internal.network.Values;

/** Rows divided by their root mean squares. */
final class RmsNormSteps extends NormSteps<RmsNorm> {

    RmsNormSteps(GraphCompiler passes) {
        super(passes);
    }

    @Override
    String name() {
        return "root mean square norm";
    }

    @Override
    List<String> statistics() {
        return List.of("inverse root mean squares");
    }

    private static Gain gain(Bindings b, RmsNorm norm) {
        return norm.aroundOne() ? Gain.aroundOne(b.parameter(norm.gain())) : Gain.of(b.parameter(norm.gain()));
    }

    @Override
    Values gain(RmsNorm norm) {
        return norm.gain();
    }

    @Override
    Optional<Values> bias(RmsNorm norm) {
        return Optional.empty();
    }

    @Override
    void forward(Bindings b, RmsNorm norm, Value x, Value y, List<Value> found) {
        b.kernels().rmsNorm().forward(b.matrix(x), gain(b, norm), b.matrix(y), b.array(found.get(0)), norm.epsilon());
    }

    @Override
    void gradient(Bindings b, RmsNorm norm, Rows rows, Value to) {
        b.kernels()
                .rmsNorm()
                .gradient(
                        b.matrix(rows.delta()),
                        b.matrix(rows.x()),
                        gain(b, norm),
                        b.array(rows.found().get(0)),
                        b.matrix(to));
    }

    @Override
    void gainProducts(Bindings b, Rows rows, Value products) {
        b.kernels()
                .rmsNorm()
                .gainProducts(
                        b.matrix(rows.delta()),
                        b.matrix(rows.x()),
                        b.array(rows.found().get(0)),
                        b.array(products));
    }
}
