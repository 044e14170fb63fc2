/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.privacy.LifetimeBudget;

/** The context of a plan's methods: the basis of its certificates, and the remaining privacy budget. */
final class PlanContext {

    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();

    /** Of a trained model. */
    PlanContext(ForgetfulFolder folder) {
        ForgettingSettings.Training training = folder.settings().training();
        facts.put("planned", training.planned().name());
        if (training.planned() == ForgettingSettings.Planned.DERIVED) {
            lines.add(
                    "planned records derived from the table: certificates hold under the assumption that their number, "
                            + training.plannedRecords() + ", was fixed without looking at the records");
        }
        folder.service().lifetime().ifPresent(budget -> lifetime(folder, budget));
    }

    private void lifetime(ForgetfulFolder folder, LifetimeBudget budget) {
        double most = folder.service().toldMost().epsilon(budget.limit().delta());
        facts.put(
                "lifetime",
                Map.of(
                        "epsilon", budget.limit().epsilon(),
                        "delta", budget.limit().delta(),
                        "used", budget.usedEpsilon(),
                        "left", budget.leftEpsilon(),
                        "mostOfAPerson", most));
        lines.add(String.format(
                Locale.ROOT,
                "all releases together may have epsilon %.4g at delta %.3g: used %.4g, left %.4g; of the forgotten, the one"
                        + " of whom most was told has %.4g",
                budget.limit().epsilon(),
                budget.limit().delta(),
                budget.usedEpsilon(),
                budget.leftEpsilon(),
                most));
    }

    Map<String, Object> facts() {
        return facts;
    }

    /** The same in words. */
    List<String> lines() {
        return lines;
    }
}
