package org.amend4j.examples.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.RoundingModel;
import org.amend4j.unlearn.StepSizes;

/**
 * Network, table and settings put together.
 *
 * @param problem what is learnt, and what is proved of it
 * @param model what the service works on
 */
record Assembly(ProvableProblem problem, ForgettingModel model) {

    /** What a step's relative rounding is taken for where nobody has analysed it; far above what double precision does. */
    private static final double ASSUMED_ROUNDING = 1e-10;

    /** A norm of doubles, added up one after the other, is off by less. */
    private static final double NORM_MARGIN = 1e-9;

    /**
     * Puts them together.
     *
     * @param key of keyed batches
     * @throws IllegalArgumentException naming what is in the way of certificates, a step that is too long among it
     */
    static Assembly of(Settings settings, ForgetfulNetwork network, PersonTable table, byte[] key) {
        Settings.Training training = settings.training();
        BatchSchedule batches = Schedules.batches(training.batches(), key, table.owners());
        ProvableProblem problem = network.problem(table.records(), settings.options(batches.rate()));
        Recipe recipe = new Recipe(
                training.steps(),
                new StepSizes.Constant(training.stepSize()),
                batches,
                problem.balls(),
                Schedules.checkpoints(training.checkpoints()),
                Optional.empty());
        RewindToDelete run = new RewindToDelete(problem.objective(), recipe);
        double[] start = run.start(problem.start());
        RoundingModel rounding = problem.rounding()
                .orElseGet(() -> new RoundingModel.Assumed(
                        ASSUMED_ROUNDING, problem.bounds().gradientBound().value()));
        Guarantee guarantee = Guarantee.of(run, problem.bounds(), rounding, norm(start));
        // refuses steps that are too long for the curvature now, not when somebody is to be forgotten
        try {
            run.note(guarantee.ledger(), List.of());
        } catch (IllegalArgumentException tooLong) {
            throw new IllegalArgumentException(
                    tooLong.getMessage() + StepAdvice.of(run, guarantee.bounds(), training.plannedRecords()), tooLong);
        }
        return new Assembly(
                problem,
                new ForgettingModel(
                        run,
                        table,
                        start,
                        guarantee,
                        settings.promise().policy(),
                        table.subjects(),
                        network.hashes(settings.origin()),
                        derived(training),
                        assumptions(problem, settings, rounding)));
    }

    private static double norm(double[] start) {
        double squares = 0;
        for (double value : start) {
            squares += value * value;
        }
        return Math.sqrt(squares) * (1 + NORM_MARGIN);
    }

    /** What should have been fixed without looking at the records, and was not. */
    private static List<String> derived(Settings.Training training) {
        return training.planned() == Settings.Planned.GIVEN
                ? List.of()
                : List.of("planned records derived from the table, as if their number, " + training.plannedRecords()
                        + ", had been fixed without looking at the records");
    }

    private static List<String> assumptions(ProvableProblem problem, Settings settings, RoundingModel rounding) {
        Settings.Training training = settings.training();
        List<String> assumptions = new ArrayList<>();
        boolean given = training.planned() == Settings.Planned.GIVEN;
        assumptions.addAll(problem.notes());
        String chosen =
                given ? "the planned number of records, " + training.plannedRecords() + ", and every other" : "every";
        assumptions.add(chosen + " setting was chosen without looking at the records");
        if (!settings.table().scaling().isNone()) {
            assumptions.add(settings.table().scaling().sentence());
        }
        assumptions.add("the table says correctly whose each record is, and has everything there is of a person");
        if (rounding instanceof RoundingModel.Assumed) {
            assumptions.add("every step is computed exactly to " + ASSUMED_ROUNDING
                    + " of its size: nobody has analysed the rounding of this kind of network");
        }
        return assumptions;
    }
}
