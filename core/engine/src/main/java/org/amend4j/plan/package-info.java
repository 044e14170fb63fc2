/**
 * Networks compiled for a machine: a sequence of products and kernels with planned memory ({@link org.amend4j.plan.Plan}), and
 * what runs it ({@link org.amend4j.plan.PlanSession}).
 */
@NullMarked
package org.amend4j.plan;

import org.jspecify.annotations.NullMarked;
