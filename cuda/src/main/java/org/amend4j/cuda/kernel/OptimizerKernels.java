/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import static org.amend4j.cuda.device.Argument.count;
import static org.amend4j.cuda.device.Argument.in;
import static org.amend4j.cuda.device.Argument.out;
import static org.amend4j.cuda.device.Argument.real;

import org.amend4j.cuda.device.Device;
import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.KernelModule;
import org.amend4j.cuda.device.KernelSource;
import org.amend4j.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/** Steps of optimizers on a whole parameter vector, in place, by Deeplearning4j's formulas (optimizer.cu). */
public final class OptimizerKernels {

    private final KernelModule module;

    OptimizerKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static OptimizerKernels on(Device device) {
        return new OptimizerKernels(device, KernelSource.resource("optimizer"));
    }

    /**
     * Settings of Adam.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param epsilon positive
     */
    public record Adam(double beta1, double beta2, double epsilon) {

        /** Deeplearning4j's: 0.9, 0.999, 1e-8. */
        public static final Adam DEFAULT = new Adam(0.9, 0.999, 1e-8);

        public Adam {
            Checks.inUnit("beta1", beta1);
            Checks.inUnit("beta2", beta2);
            if (beta1 == 1 || beta2 == 1) {
                throw new IllegalArgumentException("beta1 and beta2 must be < 1, got " + beta1 + " and " + beta2);
            }
            Checks.positive("epsilon", epsilon);
        }
    }

    /** parameters −= rate · factor · gradient. */
    public void sgdInPlace(DeviceArray parameters, DeviceArray gradient, double factor, double rate) {
        Shapes.requireFloats("parameters", parameters, gradient.length());
        Shapes.requireFloats("gradient", gradient, parameters.length());
        Checks.finite("factor", factor);
        Checks.finite("rate", rate);
        if (parameters.length() == 0) {
            return;
        }
        module.launch(
                "sgd",
                LaunchShape.linear(parameters.length()),
                out(parameters),
                in(gradient),
                real((float) factor),
                real((float) rate),
                count(parameters.length()));
    }

    /**
     * With g = factor · gradient: m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², parameters −= rate·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε).
     *
     * @param first m, 0 before the first step
     * @param second v, 0 before the first step
     * @param step t, from 1 on
     */
    public void adamInPlace(
            DeviceArray parameters,
            DeviceArray gradient,
            DeviceArray first,
            DeviceArray second,
            double factor,
            double rate,
            Adam adam,
            int step) {
        long length = parameters.length();
        Shapes.requireFloats("parameters", parameters, length);
        Shapes.requireFloats("gradient", gradient, length);
        Shapes.requireFloats("first", first, length);
        Shapes.requireFloats("second", second, length);
        Checks.finite("factor", factor);
        Checks.finite("rate", rate);
        Checks.atLeast(1, "step", step);
        if (length == 0) {
            return;
        }
        double corrected = rate * Math.sqrt(1 - Math.pow(adam.beta2(), step)) / (1 - Math.pow(adam.beta1(), step));
        module.launch(
                "adam",
                LaunchShape.linear(length),
                out(parameters),
                in(gradient),
                out(first),
                out(second),
                real((float) factor),
                real((float) corrected),
                real((float) adam.beta1()),
                real((float) (1 - adam.beta1())),
                real((float) adam.beta2()),
                real((float) (1 - adam.beta2())),
                real((float) adam.epsilon()),
                count(length));
    }
}
