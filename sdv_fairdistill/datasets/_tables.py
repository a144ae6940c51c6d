"""The bundled tables: columns, roles, provenance, licence and known harms of each; reading a file stays out."""

from __future__ import annotations

from sdv_fairdistill.datasets._dataset import Dataset, describe_table, read_table

ADULT_SDTYPES = {
    'age': 'numerical',
    'workclass': 'categorical',
    'fnlwgt': 'numerical',
    'education': 'categorical',
    'education-num': 'numerical',
    'marital-status': 'categorical',
    'occupation': 'categorical',
    'relationship': 'categorical',
    'race': 'categorical',
    'sex': 'categorical',
    'capital-gain': 'numerical',
    'capital-loss': 'numerical',
    'hours-per-week': 'numerical',
    'native-country': 'categorical',
    'income': 'categorical',
}

GERMAN_CREDIT_SDTYPES = {
    'status': 'categorical',
    'duration_months': 'numerical',
    'credit_history': 'categorical',
    'purpose': 'categorical',
    'credit_amount': 'numerical',
    'savings': 'categorical',
    'employment_since': 'categorical',
    'installment_rate': 'numerical',
    'other_debtors': 'categorical',
    'residence_since': 'numerical',
    'property': 'categorical',
    'age': 'numerical',
    'other_installment_plans': 'categorical',
    'housing': 'categorical',
    'existing_credits': 'numerical',
    'job': 'categorical',
    'people_liable': 'numerical',
    'telephone': 'categorical',
    'foreign_worker': 'categorical',
    'credit': 'categorical',
    'sex': 'categorical',
}


def load_adult() -> Dataset:
    """Load Adult (Census Income): does a person earn more than $50,000 a year?

    48,842 rows × 15 columns, both parts of the original (training and test) together. ``?`` in the original is read as
    missing: 2,799 values of ``workclass``, 2,809 of ``occupation``, 857 of ``native-country``.

    Roles: sensitive ``sex``, target ``income``, favorable ``'>50K'``. ``race`` is sensitive too; for both at once:
    ``adult.roles | {'sensitive_columns': ['sex', 'race']}``.

    Source: Barry Becker and Ronny Kohavi, *Adult*, UCI Machine Learning Repository, 1996,
    https://doi.org/10.24432/C5XW20, drawn from the 1994 Current Population Survey of the US Census Bureau.
    Licence: Creative Commons Attribution 4.0 (CC BY 4.0). Changed here: the two parts joined, ``?`` made missing.

    Known harms and limits:
        - It is more than thirty years old and speaks of one country. Ding, Hardt, Miller and Schmidt (2021, *Retiring
          Adult: New Datasets for Fair Machine Learning*, NeurIPS) rebuild a superset of it and show how far
          conclusions depend on its choices; they offer newer tables. Use Adult to compare methods, not to learn
          about people.
        - The label cuts income at $50,000, the dollar of 1994. How unequal two groups look depends on that threshold,
          and few women and few Black people lie above it.
        - ``sex`` has two values and ``race`` five, as the survey recorded them; they are not how the people in the
          rows would necessarily describe themselves. Some groups are small (``Other``: 406 rows).
        - ``relationship`` (``Husband``, ``Wife``) and ``marital-status`` nearly give ``sex`` away: leaving the column
          out does not hide it.
        - ``fnlwgt`` is a survey weight (how many people a row stands for), no property of the person. The rows are
          used unweighted here, so their shares are not those of the population.
        - ``education`` and ``education-num`` say the same thing twice. ``age``, ``hours-per-week`` and
          ``capital-gain`` are cut off at 90, 99 and 99,999. Countries keep the original's spelling (``Columbia``,
          ``Hong``, ``Trinadad&Tobago``).

    Returns:
        A new copy of the table; changing it does not change what the next call returns.

    Example:
        >>> from sdv_fairdistill.datasets import load_adult
        >>> adult = load_adult()
        >>> adult.table.groupby('sex')['income'].apply(lambda label: (label == '>50K').mean()).round(3).to_dict()
        {'Female': 0.109, 'Male': 0.304}
    """
    return Dataset(
        name='adult',
        table=read_table('adult', ADULT_SDTYPES),
        metadata=describe_table('adult', ADULT_SDTYPES),
        sensitive_columns=('sex',),
        target_column='income',
        favorable_value='>50K',
    )


def load_german_credit() -> Dataset:
    """Load German Credit (Statlog): was a person a good or a bad credit risk?

    1,000 rows × 21 columns, nothing missing: 700 ``good``, 300 ``bad``. Categorical columns other than ``sex`` and
    ``credit`` keep the original's codes (``A11``, ``A34``, …), which the source explains.

    Roles: sensitive ``sex``, target ``credit``, favorable ``'good'``. ``age`` and ``foreign_worker`` are sensitive
    too.

    Source: Hans Hofmann, *Statlog (German Credit Data)*, UCI Machine Learning Repository, 1994,
    https://doi.org/10.24432/C5NC77. Licence: Creative Commons Attribution 4.0 (CC BY 4.0). Changed here: columns
    named, the label spelled out, and ``sex`` put in place of the attribute "personal status and sex".

    Known harms and limits:
        - The rows are credits granted by one bank in southern Germany from 1973 to 1975. Applicants who were turned
          away are not in them, and bad credits are heavily oversampled: the rate of bad credits is no base rate.
        - The published code table is wrong in several places. Grömping (2019, *South German Credit Data: Correcting a
          Widely Used Data Set*, Report 4/2019, Reports in Mathematics, Physics and Chemistry, Beuth University of
          Applied Sciences Berlin) went back to the original documents; the corrected table is "South German Credit".
        - ``sex`` is derived from the uncorrected code table. After the correction, one of the codes read as female
          covers single men too and one read as male means single women, so **sex cannot be recovered from this
          table** and differences between its two values are not differences between women and men.
        - After the correction the two values of ``foreign_worker`` are exchanged: ``A201``, the large group, is *not*
          foreign workers.
        - ``installment_rate``, ``residence_since``, ``existing_credits`` and ``people_liable`` look like counts and
          are codes of ordered ranges.
        - 1,000 rows carry little evidence: a single split moves every fairness figure by several points.

    Returns:
        A new copy of the table; changing it does not change what the next call returns.

    Example:
        >>> from sdv_fairdistill.datasets import load_german_credit
        >>> load_german_credit().table['credit'].value_counts().to_dict()
        {'good': 700, 'bad': 300}
    """
    return Dataset(
        name='german_credit',
        table=read_table('german_credit', GERMAN_CREDIT_SDTYPES),
        metadata=describe_table('german_credit', GERMAN_CREDIT_SDTYPES),
        sensitive_columns=('sex',),
        target_column='credit',
        favorable_value='good',
    )
