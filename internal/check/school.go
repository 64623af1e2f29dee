package check

// schoolRules are what the tables of the AAF exports promise each other. People are told by their ids alone.
var schoolRules = []rule{
	{SchoolYear, `SELECT count(*), max(year) FROM school_year WHERE state = 1 HAVING count(*) > 1`,
		noIDs, "%[1]d school years are current, %[2]d among them"},
	{SchoolYear, `SELECT DISTINCT x.year FROM (SELECT year FROM enrolment UNION SELECT year FROM guardianship UNION SELECT year FROM division
			UNION SELECT year FROM staff_post UNION SELECT year FROM aaf_file) AS x WHERE NOT EXISTS (SELECT 1 FROM school_year y WHERE y.year = x.year)`,
		noIDs, "the year %[1]d has people or classes, and is not there"},
	{Guardianship, `SELECT x.pupil_id, x.guardian_id, x.year FROM guardianship x WHERE NOT EXISTS (SELECT 1 FROM pupil p WHERE p.pupil_id = x.pupil_id)
			OR NOT EXISTS (SELECT 1 FROM guardian g WHERE g.guardian_id = x.guardian_id)`,
		noIDs, "in %[3]d guardian %[2]d answers for pupil %[1]d, and one of both is not there"},
	{Enrolment, `SELECT e.pupil_id, e.year FROM enrolment e WHERE NOT EXISTS (SELECT 1 FROM pupil p WHERE p.pupil_id = e.pupil_id)`,
		noIDs, "in %[2]d pupil %[1]d attends a school, and is not there"},
	{Enrolment, `SELECT x.pupil_id, x.division_id FROM division_pupil x WHERE NOT EXISTS (SELECT 1 FROM pupil p WHERE p.pupil_id = x.pupil_id)
			OR NOT EXISTS (SELECT 1 FROM division d WHERE d.division_id = x.division_id)`,
		noIDs, "pupil %[1]d is in division %[2]d, and one of both is not there"},
	{Enrolment, `SELECT x.pupil_id, x.division_id FROM division_pupil x JOIN division d ON d.division_id = x.division_id
			JOIN pupil p ON p.pupil_id = x.pupil_id WHERE NOT EXISTS (SELECT 1 FROM enrolment e WHERE e.year = d.year AND e.uai = d.uai AND e.pupil_id = x.pupil_id)`,
		noIDs, "pupil %[1]d is in division %[2]d of a school that they do not attend"},
	{Teaching, `SELECT t.staff_id, t.division_id FROM teaching t WHERE NOT EXISTS (SELECT 1 FROM staff s WHERE s.staff_id = t.staff_id)
			OR NOT EXISTS (SELECT 1 FROM division d WHERE d.division_id = t.division_id)`,
		noIDs, "staff %[1]d teaches division %[2]d, and one of both is not there"},
	{Teaching, `SELECT p.staff_id, p.year FROM staff_post p WHERE NOT EXISTS (SELECT 1 FROM staff s WHERE s.staff_id = p.staff_id)`,
		noIDs, "staff %[1]d holds a post in %[2]d, and is not there"},
	{Teaching, `SELECT s.account_id, s.staff_id FROM staff s WHERE s.account_id <> 0 AND NOT EXISTS (SELECT 1 FROM account c WHERE c.account_id = s.account_id AND c.person_id IS NOT NULL)
			OR s.account_id <> 0 AND s.matched NOT IN (1, 2)`,
		accountOnly, "staff %[2]d is said to be it, and it is no person's, or nobody matched them"},
	{Structure, `SELECT count(*) FROM structure s WHERE NOT EXISTS (SELECT 1 FROM establishment e WHERE e.uai = s.uai) HAVING count(*) > 0`,
		noIDs, "%[1]d structures of the AAF exports are no establishment of the directory"},
}

// noIDs names no row of mail or accounts.
func noIDs(*Finding, []int64) {}
