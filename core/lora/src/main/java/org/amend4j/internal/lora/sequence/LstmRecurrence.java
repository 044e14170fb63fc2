/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * An LSTM, with or without peepholes (Graves, arXiv 1308.0850, section 2). With the columns of {@code x_t·W + h_{t-1}·R + b} in Deeplearning4j's
 * order, candidate z_a, forget z_f, output z_o and input gate z_g, activation φ and gate activation σ:
 *
 * <pre>
 * a = φ(z_a)    f = σ(z_f + c_{t-1}·p_f)    g = σ(z_g + c_{t-1}·p_g)    ĉ = f·c_{t-1} + g·a
 * o = σ(z_o + ĉ·p_o)    h_t = m_t·o·φ(ĉ)    c_t = m_t·ĉ
 * </pre>
 *
 * with the mask m. On the way back the deltas of all four follow from those of {@code h_t} and {@code ĉ}; only their product
 * with R is made step by step.
 */
final class LstmRecurrence implements Recurrence {

    /** Key of the last cells in a stored state, [batch, n]; as Deeplearning4j's. */
    static final String CELLS = "prevMem";

    /** Weights from the cells to the forget, output and input gate, [1, n] each. */
    record Peepholes(INDArray forget, INDArray output, INDArray input) {}

    private final SequenceProduct product;
    private final INDArray recurrent;
    private final Optional<Peepholes> peepholes;
    private final Slope activation;
    private final Slope gate;
    private final boolean forwards;
    private final long n;
    private @Nullable Kept kept;

    /** What the way back needs. Arguments: the gates' and candidates', where their values do not give the derivative. */
    private record Kept(
            SequencePass pass,
            INDArray gates,
            Optional<INDArray> arguments,
            INDArray cells,
            INDArray carried,
            INDArray activated,
            INDArray outputs,
            Optional<INDArray> firstOutput,
            Optional<INDArray> firstCells) {}

    /**
     * @param product input weights [nIn, 4n] and bias
     * @param recurrentWeights [n, 4n], and three columns of peepholes if there are any
     * @param forwards whether time runs forwards
     */
    LstmRecurrence(SequenceProduct product, INDArray recurrentWeights, Slope activation, Slope gate, boolean forwards) {
        this.product = product;
        this.n = recurrentWeights.size(0);
        this.recurrent = recurrentWeights.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 4 * n));
        this.peepholes = recurrentWeights.size(1) == 4 * n
                ? Optional.empty()
                : Optional.of(new Peepholes(
                        row(recurrentWeights, 4 * n),
                        row(recurrentWeights, 4 * n + 1),
                        row(recurrentWeights, 4 * n + 2)));
        this.activation = activation;
        this.gate = gate;
        this.forwards = forwards;
    }

    private static INDArray row(INDArray weights, long column) {
        return weights.get(NDArrayIndex.all(), NDArrayIndex.interval(column, column + 1))
                .reshape('f', new long[] {1, weights.size(0)});
    }

    @Override
    public long inputs() {
        return product.weights().size(0);
    }

    @Override
    public INDArray forward(
            INDArray x, Optional<INDArray> mask, Map<String, INDArray> state, LayerWorkspaceMgr workspaces) {
        SequencePass pass = SequencePass.over(x, mask, forwards);
        INDArray z = pass.kept(x, 4 * n, workspaces);
        product.forward(x, z);
        boolean fromValues = activation.fromValues() && gate.fromValues();
        Optional<INDArray> arguments = fromValues ? Optional.empty() : Optional.of(pass.kept(x, 4 * n, workspaces));
        INDArray cells = pass.kept(x, n, workspaces);
        INDArray carried = mask.isEmpty() ? cells : pass.kept(x, n, workspaces);
        INDArray activated = pass.kept(x, n, workspaces);
        INDArray result = pass.kept(x, n, workspaces);
        Forward step = new Forward(pass, z, arguments, cells, carried, activated, result, pass.row(x, n));
        INDArray output = state.get(OUTPUT);
        INDArray cell = state.get(CELLS);
        for (int i = 0; i < pass.length(); i++) {
            int t = pass.time(i);
            step.run(t, output, cell);
            output = step.outputs.at(t);
            cell = step.carried.at(t);
        }
        kept = new Kept(
                pass,
                z,
                arguments,
                cells,
                carried,
                activated,
                result,
                Optional.ofNullable(state.get(OUTPUT)),
                Optional.ofNullable(state.get(CELLS)));
        return result;
    }

    /** One step forwards. */
    private final class Forward {
        private final SequencePass pass;
        private final TimeSteps gates;
        private final Optional<TimeSteps> arguments;
        private final TimeSteps cells;
        private final TimeSteps carried;
        private final TimeSteps activated;
        private final TimeSteps outputs;
        private final INDArray work;

        Forward(
                SequencePass pass,
                INDArray gates,
                Optional<INDArray> arguments,
                INDArray cells,
                INDArray carried,
                INDArray activated,
                INDArray outputs,
                INDArray work) {
            this.pass = pass;
            this.gates = new TimeSteps(gates);
            this.arguments = arguments.map(TimeSteps::new);
            this.cells = new TimeSteps(cells);
            this.carried = new TimeSteps(carried);
            this.activated = new TimeSteps(activated);
            this.outputs = new TimeSteps(outputs);
            this.work = work;
        }

        void run(int t, @Nullable INDArray previousOutput, @Nullable INDArray previousCell) {
            INDArray z = gates.at(t);
            if (previousOutput != null) {
                Nd4j.gemm(previousOutput, recurrent, z, false, false, 1, 1);
            }
            INDArray a = gates.part(t, 0, n);
            INDArray f = gates.part(t, n, 2 * n);
            INDArray o = gates.part(t, 2 * n, 3 * n);
            INDArray g = gates.part(t, 3 * n, 4 * n);
            if (peepholes.isPresent() && previousCell != null) {
                f.addi(previousCell.mulRowVector(peepholes.get().forget()));
                g.addi(previousCell.mulRowVector(peepholes.get().input()));
            }
            arguments.ifPresent(steps -> steps.at(t).assign(z));
            activation.apply(a);
            if (peepholes.isPresent()) {
                gate.apply(f);
                gate.apply(g);
            } else {
                gate.apply(gates.part(t, n, 4 * n));
            }
            INDArray cell = cells.at(t);
            SequencePass.multiply(g, a, cell);
            if (previousCell != null) {
                SequencePass.multiply(f, previousCell, work);
                cell.addi(work);
            }
            if (peepholes.isPresent()) {
                o.addi(cell.mulRowVector(peepholes.get().output()));
                arguments.ifPresent(steps -> steps.part(t, 2 * n, 3 * n).assign(o));
                gate.apply(o);
            }
            INDArray squashed = activated.at(t).assign(cell);
            activation.apply(squashed);
            INDArray output = outputs.at(t);
            SequencePass.multiply(o, squashed, output);
            if (pass.mask().isPresent()) {
                pass.mask(output, t);
                pass.mask(carried.at(t).assign(cell), t);
            }
        }
    }

    @Override
    public Map<String, INDArray> lastState() {
        Kept last = Objects.requireNonNull(kept);
        int end = last.pass().time(last.pass().length() - 1);
        INDArray output = new TimeSteps(last.outputs()).at(end);
        INDArray cell = new TimeSteps(last.carried()).at(end);
        return Map.of(OUTPUT, SequencePass.detached(output), CELLS, SequencePass.detached(cell));
    }

    @Override
    public INDArray backward(INDArray epsilon, int length) {
        Kept from = Objects.requireNonNull(kept);
        SequencePass pass = from.pass();
        Backward step = new Backward(from, epsilon);
        int end = pass.length() - length;
        for (int i = pass.length() - 1; i >= end; i--) {
            step.run(i);
        }
        for (int i = 0; i < end; i++) {
            step.deltas.at(pass.time(i)).assign(0);
        }
        return step.dz;
    }

    @Override
    public SequenceProduct product() {
        return product;
    }

    @Override
    public INDArray previousOutputs() {
        Kept last = Objects.requireNonNull(kept);
        return last.pass().previous(last.outputs(), last.firstOutput());
    }

    /** The way back, step by step. */
    private final class Backward {
        private final Kept from;
        private final SequencePass pass;
        private final TimeSteps gates;
        private final TimeSteps carried;
        private final TimeSteps activated;
        private final TimeSteps gateSlopes;
        private final TimeSteps cellSlopes;
        private final TimeSteps epsilons;
        private final INDArray dz;
        private final TimeSteps deltas;
        private final INDArray dh;
        private final INDArray dc;
        private final INDArray work;

        Backward(Kept from, INDArray epsilon) {
            this.from = from;
            this.pass = from.pass();
            this.gates = new TimeSteps(from.gates());
            this.carried = new TimeSteps(from.carried());
            this.activated = new TimeSteps(from.activated());
            this.gateSlopes = new TimeSteps(slopesOfGates());
            this.cellSlopes = new TimeSteps(slopesOfCells());
            this.epsilons = SequencePass.steps(epsilon);
            this.dz = Nd4j.createUninitialized(
                    from.gates().dataType(), from.gates().shape(), 'f');
            this.deltas = new TimeSteps(dz);
            this.dh = pass.row(dz, n);
            this.dc = pass.row(dz, n).assign(0);
            this.work = pass.row(dz, n);
        }

        private INDArray slopesOfGates() {
            INDArray values = copy(from.gates());
            if (activation.equals(gate)) {
                from.arguments().ifPresent(values::assign);
                gate.replace(values);
                return values;
            }
            INDArray candidates = values.get(NDArrayIndex.all(), NDArrayIndex.interval(0, n), NDArrayIndex.all());
            INDArray ofCandidates = copy(
                    activation.fromValues()
                            ? candidates
                            : from.arguments()
                                    .orElseThrow()
                                    .get(NDArrayIndex.all(), NDArrayIndex.interval(0, n), NDArrayIndex.all()));
            activation.replace(ofCandidates);
            if (!gate.fromValues()) {
                values.assign(from.arguments().orElseThrow());
            }
            gate.replace(values);
            candidates.assign(ofCandidates);
            return values;
        }

        private INDArray slopesOfCells() {
            INDArray values = copy(activation.fromValues() ? from.activated() : from.cells());
            activation.replace(values);
            return values;
        }

        private INDArray copy(INDArray array) {
            return Nd4j.createUninitialized(array.dataType(), array.shape(), 'f')
                    .assign(array);
        }

        void run(int i) {
            int t = pass.time(i);
            dh.assign(epsilons.at(t));
            if (i < pass.length() - 1) {
                fromNext(pass.time(i + 1));
                pass.mask(dc, t);
            }
            pass.mask(dh, t);
            INDArray output = deltas.part(t, 2 * n, 3 * n);
            SequencePass.multiply(dh, activated.at(t), output);
            SequencePass.multiply(dh, gates.part(t, 2 * n, 3 * n), work);
            SequencePass.multiply(work, cellSlopes.at(t), work);
            dc.addi(work);
            peepholes.ifPresent(weights -> {
                SequencePass.multiply(output, gateSlopes.part(t, 2 * n, 3 * n), work);
                dc.addi(work.muliRowVector(weights.output()));
            });
            SequencePass.multiply(dc, gates.part(t, 3 * n, 4 * n), deltas.part(t, 0, n));
            SequencePass.multiply(dc, gates.part(t, 0, n), deltas.part(t, 3 * n, 4 * n));
            INDArray forget = deltas.part(t, n, 2 * n);
            Optional<INDArray> before = i > 0 ? Optional.of(carried.at(pass.time(i - 1))) : from.firstCells();
            before.ifPresentOrElse(cell -> SequencePass.multiply(dc, cell, forget), () -> forget.assign(0));
            INDArray all = deltas.at(t);
            SequencePass.multiply(all, gateSlopes.at(t), all);
        }

        /** What the following step hands to this one's outputs and cells. */
        private void fromNext(int next) {
            Nd4j.gemm(deltas.at(next), recurrent, dh, false, true, 1, 1);
            SequencePass.multiply(dc, gates.part(next, n, 2 * n), dc);
            peepholes.ifPresent(weights -> {
                dc.addi(deltas.part(next, n, 2 * n).mulRowVector(weights.forget()));
                dc.addi(deltas.part(next, 3 * n, 4 * n).mulRowVector(weights.input()));
            });
        }
    }

    @Override
    public void clear() {
        kept = null;
    }
}
