/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.OptimizerKernels.Pace;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.network.TiesParameters.Tie;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.internal.training.VectorNorm;
import org.amend4j.training.TrainingRule.NormLimit;
import org.amend4j.training.TrainingRule.Penalty;
import org.amend4j.training.TrainingRule.Range;

/** Moves the parameters of a session along the gradient that is there. */
final class ParameterUpdate implements AutoCloseable {

    private final PlanSession session;
    private final Kernels kernels;
    private final TrainingRule rule;
    private final Owned owned = new Owned();
    private final Optional<Moments> moments;
    private final Optional<Norm> norm;

    /** Adam's running means of the gradient and its square. */
    private record Moments(MachineArray first, MachineArray second) {}

    /** Of gradients, and what one is multiplied with. */
    private record Norm(VectorNorm norm, MachineArray weight) {}

    ParameterUpdate(PlanSession session, TrainingRule rule) {
        this.session = session;
        this.kernels = session.machine().kernels();
        this.rule = rule;
        long length = session.parameters().length();
        this.moments = rule.update() instanceof UpdateRule.Adam
                ? Optional.of(new Moments(zeros("first moments", length), zeros("second moments", length)))
                : Optional.empty();
        this.norm = rule.limits().isEmpty() ? Optional.empty() : Optional.of(norm(length));
    }

    private Norm norm(long longest) {
        VectorNorm ofGradients =
                owned.add(new VectorNorm(session.machine(), session.arithmetic().type(), longest));
        return new Norm(ofGradients, zeros("weight of a gradient", 1));
    }

    private MachineArray zeros(String owner, long length) {
        MachineArray array =
                owned.add(session.machine().allocate(owner, session.arithmetic().type(), length));
        session.machine().fill(array, 0);
        return array;
    }

    TrainingRule rule() {
        return rule;
    }

    /** Vectors that later steps depend on; waits for the machine. */
    List<double[]> memory() {
        return remembered()
                .map(array -> session.layout().packed(session.machine().downloadDoubles(array)))
                .toList();
    }

    /** @param memory as {@link #memory} had it, in number and lengths */
    void restore(List<double[]> memory) {
        Iterator<double[]> values = memory.iterator();
        remembered().forEach(array -> session.machine().upload(session.layout().placed(values.next()), array));
    }

    private Stream<MachineArray> remembered() {
        return moments.stream().flatMap(running -> Stream.of(running.first(), running.second()));
    }

    /** Whether its rate is a schedule's, which may know no more steps than are made. */
    boolean followsSchedule() {
        return rule.update().rate().schedule().isPresent();
    }

    /** Whether a step is the same work as every other, but for how far it goes: then it may be recorded. */
    boolean isTheSameEveryTime() {
        return !followsSchedule() || rule.penalties().stream().allMatch(penalty -> penalty.decayByRate() == 0);
    }

    /**
     * How far a step goes, as the numbers of a {@link Pace}.
     *
     * @param step its number, from 1
     */
    double[] pace(int step) {
        double rate = rule.update().rate().at(step - 1);
        return rule.update() instanceof UpdateRule.Adam adam
                ? adam.settings().pace(rate, step)
                : new double[] {rate, 1};
    }

    /**
     * One step.
     *
     * @param step its number, from 1
     * @param factor that makes the gradient that of the mean loss
     * @param pace what {@link #pace} says, on the machine
     */
    void make(int step, double factor, MachineArray pace) {
        rule.ties().forEach(this::addUp);
        rule.limits().forEach(limit -> shorten(limit, factor));
        double plain = rule.update().rate().at(step - 1);
        rule.penalties().forEach(penalty -> apply(penalty, factor, plain));
        rule.rates().forEach(group -> move(group.range(), factor, new Pace(pace, group.factor())));
        rule.ties()
                .forEach(tie -> session.machine()
                        .copy(slice(session.parameters(), tie.original()), slice(session.parameters(), tie.copy())));
    }

    private void addUp(Tie tie) {
        MachineArray gradient = slice(session.gradient(), tie.original());
        MachineArray ofCopy = slice(session.gradient(), tie.copy());
        kernels.elementwise().scaledSum(gradient, 1, ofCopy, 1, gradient);
        session.machine().fill(ofCopy, 0);
    }

    private void move(Range range, double factor, Pace pace) {
        MachineArray parameters = slice(session.parameters(), range);
        MachineArray gradient = slice(session.gradient(), range);
        if (rule.update() instanceof UpdateRule.Adam adam) {
            Moments running = moments.orElseThrow();
            kernels.optimizer()
                    .adamInPlace(
                            parameters,
                            gradient,
                            slice(running.first(), range),
                            slice(running.second(), range),
                            factor,
                            pace,
                            adam.settings());
        } else {
            kernels.optimizer().sgdInPlace(parameters, gradient, factor, pace);
        }
    }

    private void shorten(NormLimit limit, double factor) {
        Norm there = norm.orElseThrow();
        MachineArray gradient = slice(session.gradient(), limit.range());
        MatrixView row = MatrixView.of(gradient, 1, Math.toIntExact(gradient.length()));
        kernels.clipping().clipWeights(there.norm().of(gradient), there.weight(), limit.most() / factor);
        kernels.clipping().scaleRows(row, there.weight(), row, 1);
    }

    private void apply(Penalty penalty, double factor, double rate) {
        MachineArray parameters = slice(session.parameters(), penalty.range());
        if (penalty.l2() != 0) {
            MachineArray gradient = slice(session.gradient(), penalty.range());
            kernels.elementwise().scaledSum(gradient, 1, parameters, penalty.l2() / factor, gradient);
        }
        double kept = penalty.kept(rate);
        if (kept != 1) {
            kernels.elementwise().scale(parameters, kept, parameters);
        }
    }

    private MachineArray slice(MachineArray array, Slice part) {
        return session.layout().range(array, part.offset(), part.length());
    }

    private MachineArray slice(MachineArray array, Range range) {
        return session.layout().range(array, range.offset(), range.length());
    }

    @Override
    public void close() {
        owned.close();
    }
}
