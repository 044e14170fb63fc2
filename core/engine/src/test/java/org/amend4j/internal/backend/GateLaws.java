/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.GateKernels.Inputs;
import org.amend4j.internal.network.Activation;

/** Gates and their gradients against doubles. */
public final class GateLaws {

    /** As in {@link ActivationLaws}. */
    private static final double FUNCTION_UNITS = 32;

    private GateLaws() {}

    /** Forward and backward, into fresh memory and into that of the inputs. */
    public static void gate(
            Machine machine,
            GateKernels kernels,
            ElementType type,
            int rows,
            int columns,
            int gap,
            long seed,
            Activation.Kind kind) {
        try (Values values = new Values(machine, type, seed)) {
            float[] a = values.normal(rows * columns);
            float[] b = values.normal(rows * columns);
            float[] dy = values.normal(rows * columns);
            Inputs inputs = new Inputs(values.in(a, rows, columns, gap), values.in(b, rows, columns, gap));
            MatrixView upstream = values.in(dy, rows, columns, gap);
            MatrixView y = values.fresh(rows, columns, gap);
            Activation activation = Activation.of(kind);
            kernels.forward(inputs, y, activation);
            Inputs gradients = new Inputs(values.fresh(rows, columns, gap), values.fresh(rows, columns, gap));
            kernels.gradient(upstream, inputs, gradients, activation);
            Expected expected = new Expected(a.length);
            Expected da = new Expected(a.length);
            Expected db = new Expected(a.length);
            for (int i = 0; i < a.length; i++) {
                double opened = Reference.activate(activation, a[i]);
                double error = FUNCTION_UNITS * values.unit() * (1 + Math.abs(a[i]));
                expected.set(i, opened * b[i], error * Math.abs(b[i]));
                db.set(i, opened * dy[i], error * Math.abs(dy[i]));
                da.set(
                        i,
                        dy[i] * (double) b[i] * Reference.derivative(activation, a[i]),
                        (error + Reference.DERIVATIVE_ERROR) * Math.abs(dy[i] * b[i]));
            }
            expected.compare("y", values.get(y));
            da.compare("da", values.get(gradients.a()));
            db.compare("db", values.get(gradients.b()));
            kernels.gradient(upstream, inputs, new Inputs(inputs.b(), upstream), activation);
            da.compare("da in b's memory", values.get(inputs.b()));
            db.compare("db in dy's memory", values.get(upstream));
            MatrixView again = values.in(b, rows, columns, gap);
            kernels.forward(new Inputs(inputs.a(), again), again, activation);
            expected.compare("y in b's memory", values.get(again));
        }
    }
}
