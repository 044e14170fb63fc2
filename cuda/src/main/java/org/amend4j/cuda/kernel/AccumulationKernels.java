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

/**
 * Sums of many arrays with very small error (accumulation.cu). A sum is two floats for each element, high + low not
 * evaluated; add them in double.
 */
public final class AccumulationKernels {

    private final KernelModule module;

    AccumulationKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static AccumulationKernels on(Device device) {
        return new AccumulationKernels(device, KernelSource.resource("accumulation"));
    }

    /**
     * (high, low) += factor · from. After n of these from zero on, high + low errs by at most (3n + 7)·2^-48 times the sum of the
     * terms' magnitudes: each step rounds three numbers that are below 2^-23 of that, and the sums themselves are exact. Terms
     * below 2^-100 may lose what no float can hold.
     *
     * @param factor rounded to two floats, about 48 bits
     */
    public void addTo(DeviceArray from, double factor, DeviceArray high, DeviceArray low) {
        Checks.finite("factor", factor);
        Shapes.requireFloats("from", from, high.length());
        Shapes.requireFloats("high", high, from.length());
        Shapes.requireFloats("low", low, from.length());
        if (from.length() == 0) {
            return;
        }
        float factorHigh = (float) factor;
        module.launch(
                "add_to",
                LaunchShape.linear(from.length()),
                in(from),
                real(factorHigh),
                real((float) (factor - factorHigh)),
                out(high),
                out(low),
                count(from.length()));
    }
}
