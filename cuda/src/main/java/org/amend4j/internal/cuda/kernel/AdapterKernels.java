/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.absent;
import static org.amend4j.internal.cuda.device.Argument.in;
import static org.amend4j.internal.cuda.device.Argument.integer;
import static org.amend4j.internal.cuda.device.Argument.out;
import static org.amend4j.internal.cuda.device.Argument.real;

import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Shapes;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelModule;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.kernel.AdapterSumLayout.BiasPer;

/** The remainder of an adapted layer beside its large products, in memory laid out elsewhere (adapter.cu). */
public final class AdapterKernels {

    /** The kernel behind {@link #add}. */
    public static final String SUM = "adapter_sum";
    /** The kernel behind {@link #rectifierGradient}. */
    public static final String RECTIFIER = "rectifier_gradient";

    private final KernelModule module;

    AdapterKernels(Device device, KernelSource source) {
        this.module = device.load(source);
    }

    public static AdapterKernels on(Device device) {
        return new AdapterKernels(device, source());
    }

    public static KernelSource source() {
        return KernelSource.resource("adapter");
    }

    /**
     * {@code y += scale·low·up + bias}, in place. Every array is from its first element on, as long as the layout says.
     *
     * @param bias [rows] or [columns]
     */
    public void add(
            MachineArray y,
            MachineArray low,
            MachineArray up,
            float scale,
            Optional<MachineArray> bias,
            AdapterSumLayout layout) {
        Shapes.requireReals("y", y, layout.extent());
        Shapes.requireReals("low", low, layout.lowExtent());
        Shapes.requireReals("up", up, layout.upExtent());
        bias.ifPresent(array -> Shapes.requireReals("bias", array, layout.biasLength()));
        Argument shift = bias.map(Argument::in).orElse(absent());
        module.launch(
                SUM,
                layout.threads(),
                out(y),
                integer(layout.stride()),
                in(low),
                integer(layout.low().row()),
                integer(layout.low().column()),
                in(up),
                integer(layout.up().row()),
                integer(layout.up().column()),
                real(scale),
                layout.biasPer() == BiasPer.ROW ? shift : absent(),
                layout.biasPer() == BiasPer.COLUMN ? shift : absent(),
                integer(layout.rows()),
                integer(layout.columns()),
                integer(layout.rank()));
    }

    /**
     * gradient = upstream where {@code 0 < values < most}, 0 times upstream elsewhere; all [rows, columns].
     *
     * @param gradient may be {@code upstream} itself
     */
    public void rectifierGradient(MatrixView values, MatrixView upstream, float most, MatrixView gradient) {
        upstream.requireShape("upstream", values.rows(), values.columns());
        gradient.requireShape("gradient", values.rows(), values.columns());
        if (values.isEmpty()) {
            return;
        }
        RectifierLayout layout = new RectifierLayout(
                values.rows(), values.columns(), values.stride(), upstream.stride(), gradient.stride());
        module.launch(
                RECTIFIER,
                layout.threads(),
                in(values.array()),
                integer(layout.values()),
                in(upstream.array()),
                integer(layout.upstream()),
                real(most),
                out(gradient.array()),
                integer(layout.gradient()),
                integer(layout.rows()),
                integer(layout.columns()));
    }
}
