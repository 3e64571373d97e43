"""What is sent and what is answered: requests refuse what they do not know, answers are separate classes."""
