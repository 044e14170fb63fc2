/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.graph.Records;
import org.amend4j.provable.GradientMethod;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.BatchSchedule;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.RewindToDelete;

/**
 * Network, table and settings put together.
 *
 * @param problem the learning problem, and what is proved about it
 * @param model what the service works on
 */
record Assembly(ProvableProblem problem, ForgettingModel model) {

    private static final String CLASSES =
            "classes found in the table, as if they had been named without looking at the records (--classes)";

    private static final String BASE =
            "what the layers below the head learned elsewhere, as if it had been learned without these records";

    /**
     * Puts them together.
     *
     * @param key of keyed batches
     * @param adoption if something else trained the model
     * @throws IllegalArgumentException naming what is in the way of certificates, a step that is too long among it
     */
    static Assembly of(
            ForgettingSettings settings,
            ForgetfulNetwork network,
            SubjectTable table,
            byte[] key,
            Optional<Adoption> adoption) {
        return adoption.isPresent()
                ? adopted(settings, network, table, adoption.get())
                : trained(settings, network, table, key);
    }

    private static Assembly trained(
            ForgettingSettings settings, ForgetfulNetwork network, SubjectTable table, byte[] key) {
        ForgettingSettings.Training training = settings.training();
        BatchSchedule batches = Schedules.batches(training.batches(), key, table.subjectNumbers());
        // blocks may be computed by other machines, which Spark lets put them on their disks
        Records records = training.blockSize() > 0 ? table.recordsWithoutNames() : table.records();
        ProvableProblem problem = network.problem(records, settings, batches.rate());
        return of(
                settings,
                network,
                table,
                problem,
                LearningRun.of(training, problem, batches, Schedules.checkpoints(training.checkpoints())),
                derived(settings),
                chosen(training));
    }

    private static List<String> chosen(ForgettingSettings.Training training) {
        return training.planned() == ForgettingSettings.Source.GIVEN
                ? List.of("the planned number of records, " + training.plannedRecords()
                        + ", and every other setting was chosen without looking at the records")
                : List.of("every setting was chosen without looking at the records");
    }

    /** What should have been fixed without looking at the records, and was not. */
    private static List<String> derived(ForgettingSettings settings) {
        return withClasses(
                settings,
                settings.training().planned() == ForgettingSettings.Source.GIVEN
                        ? List.of()
                        : List.of(derived(settings.training().plannedRecords())));
    }

    private static List<String> withClasses(ForgettingSettings settings, List<String> derived) {
        List<String> all = new ArrayList<>(derived);
        if (settings.table().named() == ForgettingSettings.Source.DERIVED) {
            all.add(CLASSES);
        }
        if (settings.origin().mayKnowRecords()) {
            all.add(BASE);
        }
        return all;
    }

    /** Planned records that were made of the table. */
    static String derived(long planned) {
        return "planned records derived from the table, as if their number, " + planned
                + ", had been fixed without looking at the records";
    }

    /** What something else trained, with the arithmetic and the recipe that it was trained by. */
    private static Assembly adopted(
            ForgettingSettings settings, ForgetfulNetwork network, SubjectTable table, Adoption adoption) {
        ProvableOptions options = settings.options(1, network.place())
                .withNormaliser(adoption.recipe().divisor(table.size()))
                .withGradients(GradientMethod.AS_FITTED);
        ProvableProblem problem = network.problem(table.records(), options);
        Recipe recipe = adoption.recipe()
                .recipe(
                        problem.balls(),
                        Schedules.checkpoints(settings.training().checkpoints()));
        RewindToDelete run = problem.run(recipe);
        Assembly undisplaced = of(
                settings,
                network,
                table,
                problem,
                run,
                withClasses(settings, adoption.derived(table.size())),
                adoption.assumptions(table.size()));
        ForgettingModel model = undisplaced.model();
        Map<String, String> hashes = new TreeMap<>(model.hashes());
        hashes.putAll(adoption.hashes());
        Guarantee guarantee = model.guarantee().displaced(run, adoption.displacements());
        run.note(guarantee.ledger(), List.of());
        return new Assembly(
                problem,
                new ForgettingModel(
                        run,
                        model.records(),
                        model.start(),
                        guarantee,
                        model.policy(),
                        hashes,
                        model.derived(),
                        model.assumptions()));
    }

    private static Assembly of(
            ForgettingSettings settings,
            ForgetfulNetwork network,
            SubjectTable table,
            ProvableProblem problem,
            RewindToDelete run,
            List<String> derived,
            List<String> chosen) {
        double[] start = run.start(problem.start());
        Guarantee guarantee = problem.guarantee(run);
        // refuses steps that are too long for the curvature now, not at the first deletion
        try {
            run.note(guarantee.ledger(), List.of());
        } catch (IllegalArgumentException tooLong) {
            throw new IllegalArgumentException(
                    tooLong.getMessage()
                            + StepAdvice.of(
                                    run, guarantee.bounds(), settings.training().plannedRecords()),
                    tooLong);
        }
        return new Assembly(
                problem,
                new ForgettingModel(
                        run,
                        table,
                        start,
                        guarantee,
                        settings.promise().policy(),
                        network.hashes(settings.origin()),
                        derived,
                        assumptions(problem, settings, chosen)));
    }

    private static List<String> assumptions(ProvableProblem problem, ForgettingSettings settings, List<String> chosen) {
        List<String> assumptions = new ArrayList<>();
        assumptions.addAll(problem.notes());
        assumptions.addAll(chosen);
        if (!settings.table().scaling().isNone()) {
            assumptions.add(settings.table().scaling().sentence());
        }
        assumptions.add("the table says correctly whose each record is, and has everything there is of a person");
        problem.roundingAssumption().ifPresent(assumptions::add);
        return assumptions;
    }
}
