/**
 * Networks compiled for a machine: a sequence of products and kernels with planned memory ({@link org.amend4j.internal.compiler.Plan}), and
 * what runs it ({@link org.amend4j.internal.compiler.PlanSession}).
 */
@NullMarked
package org.amend4j.internal.compiler;

import org.jspecify.annotations.NullMarked;
